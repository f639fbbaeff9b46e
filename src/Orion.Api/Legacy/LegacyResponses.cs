
namespace Orion.Api.Legacy;

/// <summary>A session was deleted.</summary>
/// <param name="Success">Always true.</param>
/// <param name="Message">The same in words.</param>
internal sealed record DeletedResponse(bool Success, string Message);
