using System.CommandLine;
using Orion.Application.Users;
using Orion.Cli.Running;

namespace Orion.Cli.Users;

/// <summary><c>orion users erase</c>.</summary>
internal static class EraseCommand
{
    internal static Command Build(Terminal terminal)
    {
        var email = Options.Email("Whose.");
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        return new Command("erase", """
            Delete everything of someone for good: sessions, messages, kept answers. Nothing brings it back but a backup. Their entry of the
            allow-list stays: take them off it before (orion users revoke), or they go on writing. The receipt counts what was deleted;
            run again, it is zero.
            """) { email, yes }.Does(terminal, async (parsed, cancellationToken) =>
            {
                var user = parsed.GetValue(email)!;
                await using var host = await OrionHost.Open(terminal, cancellationToken);
                if (!parsed.GetValue(yes))
                {
                    await terminal.Error.WriteAsync($"Everything of {user} will be deleted for good. Type the address to confirm: ");
                    var typed = await terminal.Input.ReadLineAsync(cancellationToken);
                    if (typed?.Trim() != user.Value) throw new CommandRefusedException("Not confirmed: nothing was deleted.");
                }

                var erased = await host.Need(new EraseUser(user), cancellationToken);
                terminal.Report(
                    new { user = user.Value, erased.Sessions, erased.Messages, erased.KeptAnswers },
                    output => output.WriteLine(
                        $"Deleted of {user}: {erased.Sessions} sessions, {erased.Messages} messages, {erased.KeptAnswers} kept answers."));
                return ExitCodes.Success;
            });
    }
}
