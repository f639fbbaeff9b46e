namespace Orion.Application.Replies;

/// <summary>The limits of replies.</summary>
/// <param name="SystemPrompt">The operator's instructions to the model; null for none.</param>
/// <param name="ContextCharacters">How many code points of a session's end the model is given, the system prompt included.</param>
/// <param name="MaxDuration">The longest time that a reply may take.</param>
/// <param name="PerUser">The number of replies of one user that may run at once, over all instances.</param>
public sealed record ReplyLimits(string? SystemPrompt, int ContextCharacters, TimeSpan MaxDuration, int PerUser);
