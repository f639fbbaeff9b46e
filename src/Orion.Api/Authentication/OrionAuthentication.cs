using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Orion.Infrastructure.Tokens;

namespace Orion.Api.Authentication;

/// <summary>Who gets in: JwtBearer with Orion's own strict reading of tokens, and a fallback policy that denies.</summary>
internal static class OrionAuthentication
{
    private const string Scheme = "Bearer";

    internal static IServiceCollection AddOrionAuthentication(this IServiceCollection services)
    {
        // Not AddAuthentication: it also keeps data-protection keys on disk, for cookies that Orion does not have.
        services.AddAuthenticationCore(options => options.DefaultScheme = JwtBearerDefaults.AuthenticationScheme);
        services.AddWebEncoders();
        services.AddSingleton<IAuthenticationConfigurationProvider, NoConfiguration>();
        new AuthenticationBuilder(services).AddJwtBearer();
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>, ConfigureBearer>();
        services.AddSingleton<IAuthorizationHandler, AuthorizedCallerHandler>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, RefusalWriter>();
        services.AddAuthorizationBuilder().SetFallbackPolicy(
            new AuthorizationPolicyBuilder().AddRequirements(new AuthorizedCallerRequirement()).Build());
        return services;
    }

    /// <summary>The token that a request presents (RFC 6750, section 2.1), and whether it presents one at all.</summary>
    /// <returns>The token; null where there is none to read: none at all, or more than one header.</returns>
    internal static string? Token(HttpRequest request, out bool presented)
    {
        presented = false;
        string? token = null;
        foreach (var header in request.Headers.Authorization)
        {
            if (header is null || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) continue;
            if (header.Length > Scheme.Length && header[Scheme.Length] != ' ') continue;
            presented = true;
            token = header[Scheme.Length..].TrimStart(' ');
        }

        return request.Headers.Authorization.Count == 1 ? token : null;
    }

    /// <summary>Authentication:Schemes in a configuration file must not reach the bearer scheme.</summary>
    private sealed class NoConfiguration : IAuthenticationConfigurationProvider
    {
        public IConfiguration AuthenticationConfiguration { get; } = new ConfigurationBuilder().Build();
    }

    private sealed class ConfigureBearer(OrionTokenHandler tokens) : IConfigureNamedOptions<JwtBearerOptions>
    {
        public void Configure(JwtBearerOptions options)
        {
            options.MapInboundClaims = false;
            options.TokenHandlers.Clear();
            options.TokenHandlers.Add(tokens);
            options.Events = new JwtBearerEvents { OnMessageReceived = ReadToken, OnTokenValidated = KeepToken };
        }

        public void Configure(string? name, JwtBearerOptions options) => Configure(options);

        private static Task ReadToken(MessageReceivedContext context)
        {
            // The handler's own reading of the header joins several into one.
            if (Token(context.Request, out var presented) is { Length: > 0 } token) context.Token = token;
            else if (presented) context.Fail(new TokenRejectedException(TokenRejection.Malformed));
            else context.NoResult();
            return Task.CompletedTask;
        }

        private static Task KeepToken(TokenValidatedContext context)
        {
            context.HttpContext.Features.Set(((OrionSecurityToken)context.SecurityToken).Token);
            return Task.CompletedTask;
        }
    }
}
