using Orion.Application.Sessions;

namespace Orion.Api.Messages;

/// <summary>Messages in the order of the list.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="Count">How many these are.</param>
/// <param name="NextCursor">The <c>cursor</c> of the next page; missing after the last one.</param>
/// <param name="Truncated">True where an answer of 4 MiB could not hold all messages: then these are the newest.</param>
internal sealed record MessagesResponse(IReadOnlyList<MessageView> Messages, int Count, string? NextCursor, bool? Truncated);
