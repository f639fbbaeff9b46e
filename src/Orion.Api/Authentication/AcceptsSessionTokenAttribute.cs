namespace Orion.Api.Authentication;

/// <summary>Opens a route to session tokens. A route without it accepts user tokens only.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AcceptsSessionTokenAttribute : Attribute;
