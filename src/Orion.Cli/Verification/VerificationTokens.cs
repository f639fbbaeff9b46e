using System.Buffers.Text;
using System.Security.Cryptography;
using Orion.Domain.Users;
using Orion.Infrastructure.Tokens;

namespace Orion.Cli.Verification;

/// <summary>One valid token and five others, each with exactly one defect.</summary>
internal sealed class VerificationTokens(VerificationTarget target, TimeProvider clock)
{
    // Long enough for a verification, and soon worthless in the log of a proxy.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    /// <summary>A valid token.</summary>
    internal string Valid { get; } = Mint(target, clock, target.User);

    /// <summary>Signed with another secret.</summary>
    internal string Forged { get; } = Mint(
        target with { Tokens = target.Tokens with { Secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(64)), PreviousSecret = null } },
        clock,
        target.User);

    /// <summary>Expired an hour ago.</summary>
    internal string Expired { get; } = Mint(target, new ClockBehind(clock, TimeSpan.FromHours(1)), target.User);

    /// <summary>For another service.</summary>
    internal string WrongAudience { get; } =
        Mint(target with { Tokens = target.Tokens with { Audience = target.Tokens.Audience + "-other" } }, clock, target.User);

    /// <summary>A valid token of a user who is not on the allow-list.</summary>
    internal string UnauthorizedUser { get; } = Mint(target, clock, RandomUser());

    /// <summary>The valid token with <c>alg: none</c> and without its signature.</summary>
    internal string Unsigned => $"{Base64Url.EncodeToString("""{"alg":"none","typ":"JWT"}"""u8)}.{Valid.Split('.')[1]}.";

    /// <summary>Mints a token of a user with the target's secret.</summary>
    internal static string Mint(VerificationTarget target, TimeProvider clock, EmailAddress user)
    {
        var longest = target.Tokens.UserTokenMaxLifetime;
        return new JwtTokenMinter(target.Tokens, clock).MintUserToken(user, Lifetime < longest ? Lifetime : longest).Token;
    }

    private static EmailAddress RandomUser() =>
        EmailAddress.TryParse($"orion-verify-{RandomNumberGenerator.GetHexString(16, lowercase: true)}@example.com", out var address)
            ? address
            : throw new InvalidOperationException("The address is invalid.");

    private sealed class ClockBehind(TimeProvider clock, TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow() - by;
    }
}
