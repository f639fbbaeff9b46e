using Orion.Domain.Users;
using Orion.Infrastructure.Configuration;

namespace Orion.Cli.Verification;

/// <summary>A deployment, and what is needed to verify it from outside.</summary>
/// <param name="Address">The address: scheme, host and optionally port.</param>
/// <param name="Tokens">The settings of its tokens.</param>
/// <param name="User">A user on its allow-list.</param>
/// <param name="Origin">An origin that it must accept; null if no browser may send requests.</param>
/// <param name="RequiresHttps">Whether it must reject plain HTTP; null if unknown.</param>
/// <param name="HasSettings">Whether the settings here are the deployment's own; false where the secret comes from a file.</param>
internal sealed record VerificationTarget(
    Uri Address, TokenSettings Tokens, EmailAddress User, string? Origin, bool? RequiresHttps, bool HasSettings = true);
