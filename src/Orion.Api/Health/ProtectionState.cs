using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;

namespace Orion.Api.Health;

/// <summary>Whether the door is closed, as the running configuration has it and not as somebody meant it.</summary>
internal sealed class ProtectionState(IServiceScopeFactory scopes)
{
    private Task<(bool Secured, bool JwtEnabled)>? _read;

    /// <summary>The state; it does not change while the process runs.</summary>
    internal Task<(bool Secured, bool JwtEnabled)> Read() => _read ??= Ask();

    private async Task<(bool Secured, bool JwtEnabled)> Ask()
    {
        await using var scope = scopes.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var fallback = await services.GetRequiredService<IAuthorizationPolicyProvider>().GetFallbackPolicyAsync();
        var scheme = await services.GetRequiredService<IAuthenticationSchemeProvider>().GetDefaultAuthenticateSchemeAsync();
        var nobody = new ClaimsPrincipal(new ClaimsIdentity());
        var secured = fallback is not null
            && !(await services.GetRequiredService<IAuthorizationService>().AuthorizeAsync(nobody, resource: null, fallback)).Succeeded;
        return (secured, typeof(JwtBearerHandler).IsAssignableFrom(scheme?.HandlerType));
    }
}
