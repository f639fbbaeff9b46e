using System.CommandLine;
using Orion.Application.Messaging;
using Orion.Application.Tokens;
using Orion.Application.Users;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;
using Orion.Domain.Users;

namespace Orion.Cli.Users;

/// <summary><c>orion users</c>.</summary>
internal static class UserCommands
{
    private const string WhenItCounts = "Running instances follow within 5 s.";

    internal static Command Build(Terminal terminal) => new("users", """
        The allow-list: who may use the service. The owner is on it by configuration (AUTHORIZED_USER_EMAIL), others by these commands.
        """)
    {
        List(terminal),
        Grant(terminal),
        Revoke(terminal),
        SignOut(terminal),
        EraseCommand.Build(terminal),
    };

    private static Command List(Terminal terminal) => new Command("list", """
        Everyone who is, or was, on the allow-list, by address.
        """).WithAction(terminal, async (_, cancellationToken) =>
        {
            await using var host = await OrionHost.Open(terminal, cancellationToken);
            var list = await host.Dispatcher.SendOrThrow(new ListUsers(), cancellationToken);
            terminal.Report(list, output => Table.Write(
                output,
                ["EMAIL", "STATE", "BY", "SINCE", "TOKENS COUNT FROM"],
                [.. list.Users.Select(user => (string[])
                [
                    user.Email,
                    user.IsAuthorized ? "authorized" : "revoked",
                    user.Source == AuthorizationSource.Configuration ? "settings" : "grant",
                    Table.Instant(user.RevokedAt ?? user.AuthorizedAt),
                    Table.Instant(user.TokensValidFrom),
                ])]));
            return ExitCodes.Success;
        });

    private static Command Grant(Terminal terminal)
    {
        var email = Options.Email("Whom to let in.");
        return new Command("grant", $"""
            Put someone on the allow-list. Someone who was taken off it before finds their sessions again, and starts with all earlier
            tokens refused: the command ends when new ones count. {WhenItCounts}
            """) { email }.WithAction(terminal, async (parsed, cancellationToken) =>
            {
                var user = parsed.GetValue(email)!;
                await using var host = await OrionHost.Open(terminal, cancellationToken);
                var granted = await host.Dispatcher.SendOrThrow(new GrantAccess(user), cancellationToken);
                var counts = await host.Clock.WaitUntil(granted.TokensValidFrom, CancellationToken.None);
                terminal.Report(
                    new { email = user.Value, authorized = true, granted.Changed },
                    output => output.WriteLine(granted.Changed ? $"{user} is on the allow-list now." : $"{user} was on the allow-list already."));
                if (!counts) AdviseOfClock(terminal, user, granted.TokensValidFrom);
                return ExitCodes.Success;
            });
    }

    private static Command Revoke(Terminal terminal)
    {
        var email = Options.Email("Whom to take off.");
        return new Command("revoke", $"""
            Take someone off the allow-list: every token of theirs is refused. Their sessions stay, until orion users erase.
            {WhenItCounts} The configured owner cannot be taken off here: change AUTHORIZED_USER_EMAIL and restart the service.
            """) { email }.WithAction(terminal, async (parsed, cancellationToken) =>
            {
                var user = parsed.GetValue(email)!;
                await using var host = await OrionHost.Open(terminal, cancellationToken);
                var revoked = await host.Dispatcher.SendOrThrow(new RevokeAccess(user, host.Settings.Owner), cancellationToken);
                terminal.Report(
                    new { email = user.Value, authorized = false, revoked.Changed },
                    output => output.WriteLine(revoked.Changed
                        ? $"{user} is off the allow-list now. {WhenItCounts}"
                        : $"{user} was off the allow-list already."));
                return ExitCodes.Success;
            });
    }

    private static Command SignOut(Terminal terminal)
    {
        var email = Options.Email("Whom to sign out.");
        var clockWasAhead = new Option<bool>("--clock-was-ahead")
        {
            Description = "Take back that tokens are refused until a later time, which a clock that ran ahead has written (orion users list). "
                + "A token that was minted by that clock, and stolen, counts again when its time comes: then change the secret instead.",
        };
        return new Command("sign-out", $"""
            Refuse every token of someone that was minted up to now, as POST /api/tokens/revoke does; they stay on the allow-list. The
            command ends when tokens minted anew count. {WhenItCounts}
            """) { email, clockWasAhead }.WithAction(terminal, async (parsed, cancellationToken) =>
            {
                var user = parsed.GetValue(email)!;
                await using var host = await OrionHost.Open(terminal, cancellationToken);
                var revoked = await host.Dispatcher.SendOrThrow(new SignOut(user, parsed.GetValue(clockWasAhead)), cancellationToken);
                var counts = await host.Clock.WaitUntil(revoked.ValidFrom, CancellationToken.None);
                terminal.Report(
                    new { email = user.Value, tokensValidFrom = revoked.ValidFrom },
                    output => output.WriteLine($"{user} is signed out: tokens minted before {Table.Instant(revoked.ValidFrom)} are refused. {WhenItCounts}"));
                if (!counts) AdviseOfClock(terminal, user, revoked.ValidFrom);
                return ExitCodes.Success;
            });
    }

    private static void AdviseOfClock(Terminal terminal, EmailAddress user, DateTimeOffset validFrom) => terminal.Advise(
        $"orion: {UserErrors.TokensNotYetValid(validFrom).Message} See: orion users sign-out {user} --clock-was-ahead");
}
