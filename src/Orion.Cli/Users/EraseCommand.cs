using System.CommandLine;
using Orion.Application.Messaging;
using Orion.Application.Users;
using Orion.Cli.Execution;
using Orion.Domain.Users;

namespace Orion.Cli.Users;

/// <summary><c>orion users erase</c>.</summary>
internal static class EraseCommand
{
    internal static Command Build(Terminal terminal)
    {
        var email = Options.Email("Whose.");
        var yes = new Option<bool>("--yes") { Description = "Do not ask for confirmation: for scripts." };
        return new Command("erase", """
            Delete everything of someone for good: sessions, messages, idempotent answers. Nothing brings it back but a backup or an export.
            It asks for the address to be typed; where standard input is no terminal, it refuses unless --yes is given. Their entry of the
            allow-list stays, because it says which tokens are over: take them off it before (orion users revoke), or they go on writing.
            The receipt counts what was deleted; run again, it is zero.

            Exit codes: 0 deleted; 1 not confirmed, or the address never was on the allow-list; 69 the database was lost, nothing was deleted.
            """) { email, yes }.WithAction(terminal, async (parsed, cancellationToken) =>
            {
                var user = parsed.GetValue(email)!;
                await using var host = await OrionHost.Open(terminal, cancellationToken);
                if (!parsed.GetValue(yes)) await Confirm(terminal, user, cancellationToken);

                var erased = await host.Dispatcher.SendOrThrow(new EraseUser(user), cancellationToken);
                terminal.Report(
                    new { user = user.Value, erased.Sessions, erased.Messages, keptAnswers = erased.IdempotencyRecords },
                    output => output.WriteLine(
                        $"Deleted of {user}: {erased.Sessions} sessions, {erased.Messages} messages, {erased.IdempotencyRecords} idempotent answers."));
                return ExitCodes.Success;
            });
    }

    /// <summary>Has the address typed.</summary>
    /// <exception cref="CommandFailedException">It was not, or nobody is there to type it.</exception>
    internal static async Task Confirm(Terminal terminal, EmailAddress user, CancellationToken cancellationToken)
    {
        if (!terminal.IsInputTerminal)
            throw new CommandFailedException("Nothing was deleted: standard input is not a terminal, so it cannot be confirmed. Use --yes.");
        await terminal.Error.WriteAsync($"Everything of {user} will be deleted for good. Type the address to confirm: ");
        await terminal.Error.FlushAsync(cancellationToken);
        var typed = await terminal.Input.ReadLineAsync(cancellationToken);
        if (!EmailAddress.TryParse(typed?.Trim(), out var address) || address != user)
            throw new CommandFailedException("Not confirmed: nothing was deleted.");
    }
}
