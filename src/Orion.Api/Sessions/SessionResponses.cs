using Orion.Application.Sessions;

namespace Orion.Api.Sessions;

/// <summary>Sessions in the order of the list.</summary>
/// <param name="Sessions">The sessions.</param>
/// <param name="Count">How many these are.</param>
/// <param name="NextCursor">The <c>cursor</c> of the next page; missing after the last one.</param>
/// <param name="Truncated">True where an answer of 4 MiB could not hold all that was asked for.</param>
internal sealed record SessionsResponse(IReadOnlyList<SessionView> Sessions, int Count, string? NextCursor, bool? Truncated);
