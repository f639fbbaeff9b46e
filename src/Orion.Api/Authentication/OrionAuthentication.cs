using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;

namespace Orion.Api.Authentication;

/// <summary>Who gets in: JwtBearer with Orion's own strict reading of tokens, and a fallback policy that denies.</summary>
internal static class OrionAuthentication
{
    internal static IServiceCollection AddOrionAuthentication(this IServiceCollection services)
    {
        // Not AddAuthentication, nor AddJwtBearer: these also keep data-protection keys on disk, for cookies that Orion does not
        // have, and let Authentication:Schemes in a configuration file reach the bearer scheme.
        services.AddAuthenticationCore(options => options.DefaultScheme = JwtBearerDefaults.AuthenticationScheme);
        services.AddWebEncoders();
        new AuthenticationBuilder(services).AddScheme<JwtBearerOptions, BearerHandler>(JwtBearerDefaults.AuthenticationScheme, configureOptions: null);
        services.AddSingleton<IAuthorizationHandler, AuthorizedCallerHandler>();
        services.AddSingleton<AuthorizationResultHandler>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler>(provider => provider.GetRequiredService<AuthorizationResultHandler>());
        services.AddAuthorizationBuilder().SetFallbackPolicy(
            new AuthorizationPolicyBuilder().AddRequirements(new AuthorizedCallerRequirement()).Build());
        return services;
    }

    /// <summary>
    /// Keeps the framework from putting its authentication in front of everything by itself, where it would read the tokens of open
    /// routes, too: <see cref="CallerMiddleware"/> authenticates, at its place in the order of refusals.
    /// </summary>
    internal static void AuthenticateByCallerMiddleware(this IApplicationBuilder app) => app.Properties["__AuthenticationMiddlewareSet"] = true;
}
