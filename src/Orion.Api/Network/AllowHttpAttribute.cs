namespace Orion.Api.Network;

/// <summary>Marks endpoints that accept plain HTTP too: health checks come from the local network.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AllowHttpAttribute : Attribute;
