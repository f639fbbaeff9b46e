using System.CommandLine;
using Orion.Application.Messaging;
using Orion.Application.Users;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;
using Orion.Domain.Users;

namespace Orion.Cli.Users;

/// <summary><c>orion users erase</c>.</summary>
internal static class EraseCommand
{
    internal static Command Build(Terminal terminal)
    {
        var email = Options.Email("The user.");
        var yes = new Option<bool>("--yes") { Description = "Do not ask for confirmation, for scripts." };
        return new Command("erase", """
            Delete all data of a user permanently: sessions, messages, stored idempotent responses. Only a backup or an export can restore
            it. The command asks for the address as a confirmation; without a terminal it requires --yes. The user's entry in the allow-list
            stays, because it records which tokens are revoked. Remove the user first (orion users revoke), or new data may be written. The
            output states how much was deleted; a second run deletes nothing.

            Exit codes: 0 deleted; 1 not confirmed, or the user never was on the allow-list; 69 the database became unavailable, nothing
            was deleted.
            """) { email, yes }.WithAction(terminal, async (parsed, cancellationToken) =>
            {
                var user = parsed.GetValue(email)!;
                await using var host = await OrionHost.Open(terminal, cancellationToken);
                if (!parsed.GetValue(yes)) await Confirm(terminal, user, cancellationToken);

                var erased = await host.Dispatcher.SendOrThrow(new EraseUser(user), cancellationToken);
                terminal.Report(
                    new { user = user.Value, erased.Sessions, erased.Messages, keptAnswers = erased.IdempotencyRecords },
                    output => output.WriteLine(
                        $"Deleted of {user}: {Counted.Of(erased.Sessions, "session")}, {Counted.Of(erased.Messages, "message")}, "
                        + $"{Counted.Of(erased.IdempotencyRecords, "stored idempotent response")}."));
                return ExitCodes.Success;
            });
    }

    /// <summary>Asks for the address as a confirmation.</summary>
    /// <exception cref="CommandFailedException">Another text was typed, or standard input is not a terminal.</exception>
    internal static async Task Confirm(Terminal terminal, EmailAddress user, CancellationToken cancellationToken)
    {
        if (!terminal.IsInputTerminal)
            throw new CommandFailedException("Nothing was deleted: without a terminal, --yes is required.");
        await terminal.Error.WriteAsync($"All data of {user} will be deleted permanently. Type the address to confirm: ");
        await terminal.Error.FlushAsync(cancellationToken);
        // A console's ReadLineAsync blocks and ignores the token.
        var typed = await Task.Run(terminal.Input.ReadLine, cancellationToken).WaitAsync(cancellationToken);
        if (!EmailAddress.TryParse(typed?.Trim(), out var address) || address != user)
            throw new CommandFailedException("Not confirmed: nothing was deleted.");
    }
}
