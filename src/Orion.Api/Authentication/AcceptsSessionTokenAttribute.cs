namespace Orion.Api.Authentication;

/// <summary>Allows session tokens on a route. Without it, a route accepts only user tokens.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AcceptsSessionTokenAttribute : Attribute;
