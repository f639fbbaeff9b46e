namespace Orion.Api.RateLimiting;

/// <summary>Marks endpoints that draw on no budget: health and the front door.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DisableRateLimitingAttribute : Attribute;
