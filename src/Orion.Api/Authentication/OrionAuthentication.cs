using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Tokens;

namespace Orion.Api.Authentication;

/// <summary>The bearer scheme, which is JwtBearer with Orion's token handler (ADR 14), and a fallback policy that denies.</summary>
internal static class OrionAuthentication
{
    internal static IServiceCollection AddOrionAuthentication(this IServiceCollection services)
    {
        // Not AddAuthentication: it adds data protection, which writes a key file into the home directory for cookies that Orion does not have.
        services.AddAuthenticationCore(options => options.DefaultScheme = JwtBearerDefaults.AuthenticationScheme);
        services.AddWebEncoders();
        services.AddSingleton<IAuthenticationConfigurationProvider, EmptyAuthenticationConfiguration>();
        new AuthenticationBuilder(services).AddJwtBearer();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<OrionTokenHandler, TokenSettings, TimeProvider>(Configure);

        services.AddSingleton<IAuthorizationHandler, AuthorizedCallerHandler>();
        services.AddSingleton<AuthorizationResultHandler>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler>(provider => provider.GetRequiredService<AuthorizationResultHandler>());
        services.AddAuthorizationBuilder().SetFallbackPolicy(
            new AuthorizationPolicyBuilder().AddRequirements(new AuthorizedCallerRequirement()).Build());
        return services;
    }

    /// <summary>Whether a scheme is JwtBearer with Orion's token handler as its only handler.</summary>
    internal static bool IsOrionBearer(AuthenticationScheme? scheme, JwtBearerOptions options) =>
        scheme?.HandlerType == typeof(JwtBearerHandler) && options is { UseSecurityTokenValidators: false, TokenHandlers: [OrionTokenHandler] };

    private static void Configure(JwtBearerOptions options, OrionTokenHandler handler, TokenSettings settings, TimeProvider clock)
    {
        options.TokenHandlers.Clear();
        options.TokenHandlers.Add(handler);
        options.TokenValidationParameters = LibraryValidation.Create(settings, clock);
        options.Events = new JwtBearerEvents { OnMessageReceived = BearerToken.Read };
        options.MapInboundClaims = false;
        options.SaveToken = false;
        options.IncludeErrorDetails = false;
    }

    /// <summary>Prevents <c>Authentication:Schemes</c> in a configuration file from changing the scheme.</summary>
    private sealed class EmptyAuthenticationConfiguration : IAuthenticationConfigurationProvider
    {
        public IConfiguration AuthenticationConfiguration { get; } = new ConfigurationBuilder().Build();
    }
}
