using Orion.Domain.Text;

namespace Orion.Domain.Sessions;

/// <summary>A session's title: 1 to 200 code points, not blank, without NUL and unpaired surrogates.</summary>
public sealed record SessionTitle
{
    /// <summary>The longest title, in code points.</summary>
    public const int MaxLength = 200;

    /// <summary>The length of a title that is derived from the first message, in code points.</summary>
    public const int DerivedLength = 50;

    private const string Ellipsis = "...";

    private SessionTitle(string value) => Value = value;

    /// <summary>The title of a session without one.</summary>
    public static SessionTitle Default { get; } = new("New Chat");

    /// <summary>The text.</summary>
    public string Value { get; }

    /// <summary>Parses a title.</summary>
    public static Result<SessionTitle> Parse(string text)
    {
        if (TextRules.IsBlank(text)) return SessionErrors.Invalid("The title must not be blank.");
        if (!TextRules.IsStorable(text)) return SessionErrors.NotStorable;
        return TextRules.CountCodePoints(text) <= MaxLength
            ? new SessionTitle(text)
            : SessionErrors.Invalid($"The title must have at most {MaxLength} characters.");
    }

    /// <summary>Restores a stored title without validation.</summary>
    public static SessionTitle From(string stored) => new(stored);

    /// <summary>The title that is derived from a first message; null if the message is blank.</summary>
    public static SessionTitle? Derive(MessageContent firstMessage)
    {
        var text = firstMessage.Value.Trim();
        if (TextRules.IsBlank(text)) return null;
        var beginning = TextRules.Truncate(text, DerivedLength);
        return new SessionTitle(beginning.Length < text.Length ? beginning + Ellipsis : text);
    }

    /// <summary>The beginning of a text, as long as a title can be; null if it is blank or cannot be stored.</summary>
    public static SessionTitle? Shorten(string text)
    {
        var beginning = TextRules.Truncate(text, MaxLength);
        return Parse(beginning) is { Error: null } title ? title.Value : null;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
