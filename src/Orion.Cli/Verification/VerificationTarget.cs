using Orion.Domain.Users;
using Orion.Infrastructure.Configuration;

namespace Orion.Cli.Verification;

/// <summary>A deployment, and what must be known to verify it from outside.</summary>
/// <param name="Address">Where it is: a scheme, a host and perhaps a port.</param>
/// <param name="Tokens">What its tokens are made with.</param>
/// <param name="User">Someone on its allow-list.</param>
/// <param name="Origin">An origin that it must accept; null where no browser may call.</param>
/// <param name="RequiresHttps">Whether it must refuse plain HTTP; null where that is not known.</param>
/// <param name="HasSettings">Whether the settings here are the deployment's own; false where the secret comes from a file.</param>
internal sealed record VerificationTarget(
    Uri Address, TokenSettings Tokens, EmailAddress User, string? Origin, bool? RequiresHttps, bool HasSettings = true);
