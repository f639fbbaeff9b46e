namespace Orion.Api;

/// <summary>A place-holder, so that the integration tests compile before the service exists.</summary>
internal static class OrionApplication
{
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        configure?.Invoke(builder);
        return builder.Build();
    }
}
