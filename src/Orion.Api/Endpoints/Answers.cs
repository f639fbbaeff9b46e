using Orion.Application.Sessions;

namespace Orion.Api.Endpoints;

/// <summary>Sessions in the order of the list.</summary>
/// <param name="Sessions">The sessions.</param>
/// <param name="Count">How many these are.</param>
/// <param name="NextCursor">The <c>cursor</c> of the next page; missing after the last one.</param>
/// <param name="Truncated">True where an answer of 4 MiB could not hold all that was asked for.</param>
internal sealed record SessionsAnswer(IReadOnlyList<SessionView> Sessions, int Count, string? NextCursor, bool? Truncated);

/// <summary>Messages in the order of the list.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="Count">How many these are.</param>
/// <param name="NextCursor">The <c>cursor</c> of the next page; missing after the last one.</param>
/// <param name="Truncated">True where an answer of 4 MiB could not hold all messages: then these are the newest.</param>
internal sealed record MessagesAnswer(IReadOnlyList<MessageView> Messages, int Count, string? NextCursor, bool? Truncated);

/// <summary>A session was deleted.</summary>
/// <param name="Success">Always true.</param>
/// <param name="Message">The same in words.</param>
internal sealed record DeletedAnswer(bool Success, string Message);
