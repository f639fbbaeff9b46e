namespace Orion.Domain.Sessions;

/// <summary>The author of a message.</summary>
public enum MessageRole
{
    /// <summary>The person.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,
}

/// <summary>The words for <see cref="MessageRole"/> in requests, responses and tables.</summary>
public static class MessageRoles
{
    /// <summary>The word for <see cref="MessageRole.User"/>.</summary>
    public const string User = "user";

    /// <summary>The word for <see cref="MessageRole.Assistant"/>.</summary>
    public const string Assistant = "assistant";

    /// <summary>The error for a missing or unknown word.</summary>
    public static Error Invalid { get; } = SessionErrors.Invalid($"The role must be \"{User}\" or \"{Assistant}\".");

    /// <summary>Reads a word, exactly as written.</summary>
    public static Result<MessageRole> Parse(string? text) => text switch
    {
        User => MessageRole.User,
        Assistant => MessageRole.Assistant,
        _ => Invalid,
    };

    /// <summary>The word for a role.</summary>
    public static string ToWord(this MessageRole role) => role == MessageRole.User ? User : Assistant;
}
