namespace Orion.Api.Authentication;

/// <summary>Says of a route that a session token reaches it. Without it, a route takes user tokens alone.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AcceptsSessionTokenAttribute : Attribute;
