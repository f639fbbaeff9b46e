namespace Orion.Api.RateLimiting;

/// <summary>Metadata of a route: the number of requests that one request counts as. Without it, a request counts once.</summary>
internal sealed record RateLimitCost(int Requests);
