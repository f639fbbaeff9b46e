using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Orion.Api.Authentication;

namespace Orion.Api.Health;

/// <summary>Whether authentication is in effect, read from the running configuration instead of the settings.</summary>
internal sealed class ProtectionState(IServiceScopeFactory scopes)
{
    private Task<(bool Secured, bool JwtEnabled)>? _read;

    /// <summary>Reads the state. It does not change while the process runs.</summary>
    internal Task<(bool Secured, bool JwtEnabled)> Read() => _read ??= Evaluate();

    private async Task<(bool Secured, bool JwtEnabled)> Evaluate()
    {
        await using var scope = scopes.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var fallback = await services.GetRequiredService<IAuthorizationPolicyProvider>().GetFallbackPolicyAsync();
        var scheme = await services.GetRequiredService<IAuthenticationSchemeProvider>().GetDefaultAuthenticateSchemeAsync();
        var anonymous = new ClaimsPrincipal(new ClaimsIdentity());
        var secured = fallback is not null
            && !(await services.GetRequiredService<IAuthorizationService>().AuthorizeAsync(anonymous, resource: null, fallback)).Succeeded;
        var options = services.GetRequiredService<IOptionsMonitor<JwtBearerOptions>>().Get(scheme?.Name);
        return (secured, OrionAuthentication.IsOrionBearer(scheme, options));
    }
}
