using Orion.Domain.Text;

namespace Orion.Domain.Sessions;

/// <summary>A message's text: 1 to 100,000 code points, without NUL and unpaired surrogates.</summary>
public sealed record MessageContent
{
    /// <summary>The longest text, in code points.</summary>
    public const int MaxLength = 100_000;

    /// <summary>The longest preview in a session, in code points.</summary>
    public const int PreviewLength = 1_000;

    private MessageContent(string value) => Value = value;

    /// <summary>The text.</summary>
    public string Value { get; }

    /// <summary>The beginning, for the session's preview.</summary>
    public string Preview => TextRules.Truncate(Value, PreviewLength);

    /// <summary>Parses a text.</summary>
    public static Result<MessageContent> Parse(string text)
    {
        if (text.Length == 0) return SessionErrors.Invalid("The text must not be empty.");
        if (!TextRules.IsStorable(text)) return SessionErrors.NotStorable;
        return TextRules.CountCodePoints(text) <= MaxLength
            ? new MessageContent(text)
            : SessionErrors.Invalid($"The text must have at most {MaxLength} characters.");
    }

    /// <summary>Parses an optional text; null if it is blank.</summary>
    public static Result<MessageContent>? ParseOptional(string text) => TextRules.IsBlank(text) ? null : Parse(text);

    /// <summary>Restores a stored text without validation.</summary>
    public static MessageContent From(string stored) => new(stored);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
