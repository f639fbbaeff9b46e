namespace Orion.Domain.Sessions;

/// <summary>The author of a message.</summary>
public enum MessageRole
{
    /// <summary>The person.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,
}

/// <summary>The names of <see cref="MessageRole"/> in requests, responses and tables.</summary>
public static class MessageRoles
{
    /// <summary>The name of <see cref="MessageRole.User"/>.</summary>
    public const string User = "user";

    /// <summary>The name of <see cref="MessageRole.Assistant"/>.</summary>
    public const string Assistant = "assistant";

    /// <summary>The error for a missing or unknown name.</summary>
    public static Error Invalid { get; } = SessionErrors.Invalid($"The role must be \"{User}\" or \"{Assistant}\".");

    /// <summary>Parses a name. The case must match.</summary>
    public static Result<MessageRole> Parse(string? text) => text switch
    {
        User => MessageRole.User,
        Assistant => MessageRole.Assistant,
        _ => Invalid,
    };

    /// <summary>The name of a role.</summary>
    public static string ToName(this MessageRole role) => role == MessageRole.User ? User : Assistant;
}
