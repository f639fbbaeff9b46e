using System.CommandLine;
using System.Data.Common;
using Orion.Application.Availability;
using Orion.Application.Import.Legacy;
using Orion.Cli.Reporting;
using Orion.Infrastructure.Availability;

namespace Orion.Cli.Execution;

/// <summary>What every command's run has in common: how it fails.</summary>
internal static class CommandActions
{
    /// <summary>Lets a command do something; whatever goes wrong becomes one line and an exit code.</summary>
    internal static Command Does(this Command command, Terminal terminal, Func<ParseResult, CancellationToken, Task<int>> run)
    {
        command.SetAction(async (parsed, cancellationToken) =>
        {
            terminal.EnvironmentName = parsed.GetValue(Options.EnvironmentName);
            terminal.IsJson = parsed.GetValue(Options.Json);
            try
            {
                return await run(parsed, cancellationToken);
            }
            catch (CommandRefusedException refused)
            {
                return await Fail(terminal, refused.Message, refused.ExitCode, refused.IsPage);
            }
            catch (DatabaseUnavailableException unavailable)
            {
                var why = unavailable.InnerException is { } cause ? $" {DatabaseReadinessCheck.Describe(cause)}" : "";
                var what = unavailable.InnerException switch
                {
                    // The check found it so, before the request itself ended.
                    null => "does not answer, or cannot be written",
                    var loss when DatabaseReadinessCheck.IsNotWritable(loss) => "cannot be written",
                    _ => "was lost",
                };
                return await Fail(terminal, $"The database {what}. What was under way was not saved.{why} More: orion doctor", ExitCodes.Unavailable);
            }
            catch (LegacyServiceException lost)
            {
                // In it may be the words of a server that is not ours.
                return await Fail(terminal, Printable.Of(lost.Message, maxLength: 500), ExitCodes.Unavailable);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return await Fail(terminal, "Interrupted.", ExitCodes.Interrupted);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return await Fail(terminal, OneLine(exception.Message), ExitCodes.File);
            }
            catch (Exception exception) when (exception.GetBaseException() is DbException)
            {
                // Rights that are missing, a file that is no database.
                return await Fail(
                    terminal, $"The database refuses what Orion asks of it. {DatabaseReadinessCheck.Describe(exception)} More: orion doctor", ExitCodes.Unavailable);
            }
            catch (Exception exception)
            {
                // Its message may hold anything, a row of the database included.
                var fault = exception.GetBaseException();
                var report = $"A fault in Orion ({fault.GetType().Name} at {Place(fault)}). Please report it.";
                return await Fail(terminal, report, ExitCodes.Fault);
            }
        });
        return command;
    }

    private static string Place(Exception fault) =>
        fault.TargetSite is { } method ? $"{method.DeclaringType?.FullName}.{method.Name}" : "an unknown place";

    private static string OneLine(string message) => message.ReplaceLineEndings(" ");

    private static async Task<int> Fail(Terminal terminal, string message, int exitCode, bool isPage = false)
    {
        if (terminal.SoFar?.Invoke() is { } done) message += $" {done}";
        try
        {
            await terminal.Error.WriteAsync(isPage ? message : $"orion: {message}{Environment.NewLine}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Standard error is closed or full: the exit code is all that is left to say.
        }

        return exitCode;
    }
}
