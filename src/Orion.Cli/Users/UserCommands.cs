using System.CommandLine;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Application.Users;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;
using Orion.Domain.Users;

namespace Orion.Cli.Users;

/// <summary><c>orion users</c>.</summary>
internal static class UserCommands
{
    private const string Delay = "Running instances apply it within 5 s.";

    internal static Command Build(Terminal terminal) => new("users", """
        Manage the allow-list, the users of the service. The owner is on it by configuration (AUTHORIZED_USER_EMAIL), others by these commands.
        """)
    {
        List(terminal),
        Grant(terminal),
        Revoke(terminal),
        SignOut(terminal),
        EraseCommand.Build(terminal),
    };

    private static Command List(Terminal terminal) => new Command("list", """
        List all users who are or were on the allow-list, by address.
        """).WithAction(terminal, async (_, cancellationToken) =>
        {
            await using var host = await OrionHost.Open(terminal, cancellationToken);
            var list = await host.Dispatcher.SendOrThrow(new ListUsers(), cancellationToken);
            terminal.Report(list, output => Table.Write(
                output,
                ["EMAIL", "STATE", "BY", "SINCE", "TOKENS VALID FROM", "ID"],
                [.. list.Users.Select(user => (string[])
                [
                    user.Email,
                    user.IsAuthorized ? "authorized" : "revoked",
                    user.Source == AuthorizationSource.Configuration ? "settings" : "grant",
                    Table.Instant(user.RevokedAt ?? user.AuthorizedAt),
                    Table.Instant(user.TokensValidFrom),
                    user.Id.ToString(),
                ])]));
            return ExitCodes.Success;
        });

    private static Command Grant(Terminal terminal)
    {
        var email = Options.Email("The user to add.");
        return new Command("grant", $"""
            Add a user to the allow-list. A user who was on it before gets their sessions back. All earlier tokens are rejected; the
            command ends when new tokens are accepted. {Delay}
            """) { email }.WithAction(terminal, async (parsed, cancellationToken) =>
            {
                var user = parsed.GetValue(email)!;
                await using var host = await OrionHost.Open(terminal, cancellationToken);
                var granted = await host.Dispatcher.SendOrThrow(new GrantAccess(user), cancellationToken);
                var isReached = await host.Clock.WaitUntil(granted.TokensValidFrom, CancellationToken.None);
                terminal.Report(
                    new { email = user.Value, authorized = true, granted.Changed },
                    output => output.WriteLine(granted.Changed ? $"{user} was added to the allow-list." : $"{user} is already on the allow-list."));
                if (!isReached) WarnOfClock(terminal, user, granted.TokensValidFrom);
                return ExitCodes.Success;
            });
    }

    private static Command Revoke(Terminal terminal)
    {
        var email = Options.Email("The user to remove.");
        return new Command("revoke", $"""
            Remove a user from the allow-list. All of the user's tokens are rejected. The sessions stay, until orion users erase. {Delay}
            The configured owner cannot be removed: change AUTHORIZED_USER_EMAIL and restart the service.
            """) { email }.WithAction(terminal, async (parsed, cancellationToken) =>
            {
                var user = parsed.GetValue(email)!;
                await using var host = await OrionHost.Open(terminal, cancellationToken);
                var revoked = await host.Dispatcher.SendOrThrow(new RevokeAccess(user, host.Settings.Owner), cancellationToken);
                terminal.Report(
                    new { email = user.Value, authorized = false, revoked.Changed },
                    output => output.WriteLine(revoked.Changed
                        ? $"{user} was removed from the allow-list. {Delay}"
                        : $"{user} is already off the allow-list."));
                return ExitCodes.Success;
            });
    }

    private static Command SignOut(Terminal terminal)
    {
        var email = Options.Email("The user to sign out.");
        var clockWasAhead = new Option<bool>("--clock-was-ahead")
        {
            Description = "Accept tokens again that are rejected until a future time, because a clock was ahead (orion users list). A stolen token "
                + "that was minted by that clock becomes valid at its time: if there may be one, change the secret instead.",
        };
        return new Command("sign-out", $"""
            Reject all tokens of a user that were minted before now, as POST /api/tokens/revoke does. The user stays on the allow-list. The
            command ends when new tokens are accepted. {Delay}
            """) { email, clockWasAhead }.WithAction(terminal, async (parsed, cancellationToken) =>
            {
                var user = parsed.GetValue(email)!;
                await using var host = await OrionHost.Open(terminal, cancellationToken);
                var revoked = await host.Dispatcher.SendOrThrow(new SignOut(user, parsed.GetValue(clockWasAhead)), cancellationToken);
                var isReached = await host.Clock.WaitUntil(revoked.ValidFrom, CancellationToken.None);
                terminal.Report(
                    new { email = user.Value, tokensValidFrom = revoked.ValidFrom },
                    output => output.WriteLine($"{user} is signed out: tokens minted before {Table.Instant(revoked.ValidFrom)} are rejected. {Delay}"));
                if (!isReached) WarnOfClock(terminal, user, revoked.ValidFrom);
                return ExitCodes.Success;
            });
    }

    private static void WarnOfClock(Terminal terminal, EmailAddress user, DateTimeOffset validFrom) => terminal.Advise(
        $"orion: {UserErrors.TokensNotYetValid(validFrom).Message} See: orion users sign-out {user} --clock-was-ahead");
}
