using System.Buffers.Text;
using System.Security.Cryptography;
using Orion.Domain.Users;
using Orion.Infrastructure.Tokens;

namespace Orion.Cli.Verification;

/// <summary>One good token and five bad ones, in each of which exactly one thing is wrong.</summary>
internal sealed class VerificationTokens(VerificationTarget target, TimeProvider clock)
{
    // Enough for a verification; whoever finds one in a proxy's log finds it ended.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    /// <summary>A valid one.</summary>
    internal string Valid { get; } = Mint(target, clock, target.User);

    /// <summary>One that another secret has signed.</summary>
    internal string Forged { get; } = Mint(
        target with { Tokens = target.Tokens with { Secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(64)), PreviousSecret = null } },
        clock,
        target.User);

    /// <summary>One that ended an hour ago.</summary>
    internal string Expired { get; } = Mint(target, new ClockBehind(clock, TimeSpan.FromHours(1)), target.User);

    /// <summary>One for another service.</summary>
    internal string WrongAudience { get; } =
        Mint(target with { Tokens = target.Tokens with { Audience = target.Tokens.Audience + "-other" } }, clock, target.User);

    /// <summary>A genuine one of someone whom nobody has let in.</summary>
    internal string Stranger { get; } = Mint(target, clock, Somebody());

    /// <summary>The valid one with <c>alg: none</c> and without its signature.</summary>
    internal string Unsigned => $"{Base64Url.EncodeToString("""{"alg":"none","typ":"JWT"}"""u8)}.{Valid.Split('.')[1]}.";

    /// <summary>A token of someone, made with the target's secret.</summary>
    internal static string Mint(VerificationTarget target, TimeProvider clock, EmailAddress user)
    {
        var longest = target.Tokens.UserTokenMaxLifetime;
        return new JwtTokenMinter(target.Tokens, clock).MintUserToken(user, Lifetime < longest ? Lifetime : longest).Token;
    }

    private static EmailAddress Somebody() =>
        EmailAddress.TryParse($"orion-verify-{RandomNumberGenerator.GetHexString(16, lowercase: true)}@example.com", out var address)
            ? address
            : throw new InvalidOperationException("An address is none.");

    private sealed class ClockBehind(TimeProvider clock, TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow() - by;
    }
}
