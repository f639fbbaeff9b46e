namespace Orion.Api.Network;

/// <summary>Marks endpoints that answer over plain HTTP too: health is asked from inside the house.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AllowHttpAttribute : Attribute;
