namespace Orion.Domain.Sessions;

/// <summary>Who said a message.</summary>
public enum MessageRole
{
    /// <summary>The person.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,
}

/// <summary>The words for <see cref="MessageRole"/> in requests, answers and tables.</summary>
public static class MessageRoles
{
    /// <summary>The word for <see cref="MessageRole.User"/>.</summary>
    public const string User = "user";

    /// <summary>The word for <see cref="MessageRole.Assistant"/>.</summary>
    public const string Assistant = "assistant";

    /// <summary>Reads a word, exactly as written; any other gives null.</summary>
    public static MessageRole? Parse(string? text) => text switch
    {
        User => MessageRole.User,
        Assistant => MessageRole.Assistant,
        _ => null,
    };

    /// <summary>The word for a role.</summary>
    public static string ToWord(this MessageRole role) => role == MessageRole.User ? User : Assistant;
}
