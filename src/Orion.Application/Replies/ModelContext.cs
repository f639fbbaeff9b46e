using Orion.Domain.Text;

namespace Orion.Application.Replies;

/// <summary>
/// Collects what the model is given: the system prompt and the newest messages that fit <see cref="ReplyLimits.ContextCharacters"/>, oldest
/// first, beginning with a message of the user. The newest message is always given.
/// </summary>
/// <param name="limits">The limits.</param>
public sealed class ModelContext(ReplyLimits limits)
{
    private readonly List<ModelMessage> _newestFirst = [];
    private int _left = limits.ContextCharacters - TextRules.CountCodePoints(limits.SystemPrompt);

    /// <summary>Adds the next message, newest first.</summary>
    /// <returns>False if it does not fit: older messages must not be added.</returns>
    public bool TryAdd(ModelMessage message)
    {
        _left -= TextRules.CountCodePoints(message.Text);
        if (_left < 0 && _newestFirst.Count > 0) return false;
        _newestFirst.Add(message);
        return true;
    }

    /// <summary>The messages for the model.</summary>
    public IReadOnlyList<ModelMessage> ToMessages()
    {
        var conversation = Enumerable.Reverse(_newestFirst).SkipWhile(message => message.Role != ModelRole.User);
        return limits.SystemPrompt is { } prompt ? [new ModelMessage(ModelRole.System, prompt), .. conversation] : [.. conversation];
    }
}
