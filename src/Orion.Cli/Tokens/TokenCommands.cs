using System.CommandLine;
using System.Globalization;
using Orion.Application.Messaging;
using Orion.Application.Tokens;
using Orion.Cli.Execution;
using Orion.Domain;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Cli.Tokens;

/// <summary><c>orion token</c>.</summary>
internal static class TokenCommands
{
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(1);

    internal static Command Build(Terminal terminal) => new("token", "Mint tokens, or find out why one is rejected.")
    {
        Mint(terminal),
        InspectCommand.Build(terminal),
    };

    private static Command Mint(Terminal terminal)
    {
        var user = Options.Email("--user", "The user of the token; by default the configured owner (AUTHORIZED_USER_EMAIL).");
        var expires = new Option<TimeSpan?>("--expires")
        {
            CustomParser = result =>
            {
                var lifetime = Lifetimes.Parse(result.Tokens[0].Value);
                if (lifetime is null) result.AddError("--expires is not a duration: write 90s, 15m, 1h or 1d.");
                return lifetime;
            },
            Description = "The lifetime: 90s, 15m, 1h, 1d. By default 1h for a user token and 5m for a session token; at most "
                + "USER_TOKEN_MAX_SECONDS, or 15m for a session token.",
            HelpName = "TIME",
        };
        var session = Options.Session("Mint a session token, which gives access only to this session.");
        return new Command("mint", """
            Print a token to standard output. It gives access as its user until it expires.

              curl -H "Authorization: Bearer $(orion token mint)" http://localhost:3002/api/me

            The user must be on the allow-list (orion users list).
            """) { user, expires, session }.WithAction(terminal, async (parsed, cancellationToken) =>
            {
                var lifetime = parsed.GetValue(expires);
                await using var host = await OrionHost.Open(terminal, cancellationToken);
                OrionHost.RequireSecret(host.Settings);
                var email = parsed.GetValue(user) ?? host.Settings.Owner;
                var report = parsed.GetValue(session) is { } id
                    ? await MintForSession(host, email, id, lifetime, cancellationToken)
                    : await MintForUser(host, email, lifetime, cancellationToken);
                terminal.Report(report, output => output.WriteLine(report.Token));
                return ExitCodes.Success;
            });
    }

    private static async Task<TokenReport> MintForUser(OrionHost host, EmailAddress email, TimeSpan? requested, CancellationToken cancellationToken)
    {
        var longest = host.Settings.Tokens.UserTokenMaxLifetime;
        if (requested > longest) throw TooLong(longest, "USER_TOKEN_MAX_SECONDS");
        var lifetime = requested ?? (DefaultLifetime < longest ? DefaultLifetime : longest);

        var caller = await host.Impersonate(email, cancellationToken);
        var minted = await host.Dispatcher.SendOrThrow(new MintUserToken(caller, lifetime), cancellationToken);
        return new TokenReport(minted.Token, email.Value, minted.IssuedAt, minted.ExpiresAt, null);
    }

    private static async Task<TokenReport> MintForSession(
        OrionHost host, EmailAddress email, SessionId session, TimeSpan? requested, CancellationToken cancellationToken)
    {
        if (requested > SessionTokenLifetime.Max) throw TooLong(SessionTokenLifetime.Max, "session tokens");

        var caller = await host.Impersonate(email, cancellationToken);
        var seconds = requested is { } lifetime ? (int)lifetime.TotalSeconds : (Result<int>?)null;
        var minted = await host.Dispatcher.SendOrThrow(new MintSessionToken(caller, session, seconds), cancellationToken);
        return new TokenReport(minted.Token, email.Value, minted.ExpiresAt.AddSeconds(-minted.ExpiresIn), minted.ExpiresAt, session.Value);
    }

    private static CommandFailedException TooLong(TimeSpan longest, string limit) => new(
        string.Create(CultureInfo.InvariantCulture, $"--expires must be at most {(long)longest.TotalSeconds} s ({limit})."), ExitCodes.Usage);

    private sealed record TokenReport(string Token, string User, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt, Guid? SessionId)
    {
        public override string ToString() => nameof(TokenReport);
    }
}
