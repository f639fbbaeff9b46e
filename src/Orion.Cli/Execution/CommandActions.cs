using System.CommandLine;
using System.Data.Common;
using Orion.Application.Availability;
using Orion.Application.Import.Legacy;
using Orion.Application.Messaging;
using Orion.Cli.Reporting;
using Orion.Infrastructure.Availability;

namespace Orion.Cli.Execution;

/// <summary>Runs every command, and reports its failure in one place.</summary>
internal static class CommandActions
{
    /// <summary>Sets what a command does. Each failure becomes one line on standard error and an exit code.</summary>
    internal static Command WithAction(this Command command, Terminal terminal, Func<ParseResult, CancellationToken, Task<int>> run)
    {
        command.SetAction(async (parsed, cancellationToken) =>
        {
            terminal.EnvironmentName = parsed.GetValue(Options.EnvironmentName);
            terminal.IsJson = parsed.GetValue(Options.Json);
            try
            {
                return await run(parsed, cancellationToken);
            }
            catch (Exception exception)
            {
                var isPage = exception is CommandFailedException { IsPage: true };
                var (message, exitCode) = Describe(exception, cancellationToken);
                if (terminal.Interim?.Invoke(exception) is { } interim) message = $"{message.TrimEnd('.')}. {interim}";
                return await Fail(terminal, message, exitCode, isPage);
            }
        });
        return command;
    }

    private static (string Message, int ExitCode) Describe(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        CommandFailedException failed => (failed.Message, failed.ExitCode),
        OperationFailedException failed => (failed.Message, ExitCodes.Failed),
        DatabaseUnavailableException unavailable => (Describe(unavailable), ExitCodes.Unavailable),
        // The message may quote a server that is not Orion's.
        LegacyDatabaseException failed => (Printable.Of(failed.Message, maxLength: 500), ExitCodes.Unavailable),
        OperationCanceledException when cancellationToken.IsCancellationRequested => ("Interrupted.", ExitCodes.Interrupted),
        IOException or UnauthorizedAccessException => (exception.Message.ReplaceLineEndings(" "), ExitCodes.File),
        // Missing rights, for example, or a file that is not a database.
        _ when exception.GetBaseException() is DbException => (
            $"The database rejected a statement. {DatabaseReadinessCheck.Describe(exception)} For details, run: orion doctor", ExitCodes.Unavailable),
        _ => (Describe(exception), ExitCodes.Fault),
    };

    /// <summary>Describes a fault in Orion. The message is left out: it may contain anything, including rows of the database.</summary>
    internal static string Describe(Exception fault) =>
        $"A fault in Orion ({fault.GetBaseException().GetType().Name} at {Place(fault.GetBaseException())}). Please report it.";

    private static string Describe(DatabaseUnavailableException unavailable)
    {
        var reason = unavailable.InnerException is { } cause ? $" {DatabaseReadinessCheck.Describe(cause)}" : "";
        var what = unavailable.InnerException switch
        {
            // The health check found it before the request failed.
            null => "does not respond, or cannot be written to",
            var failure when DatabaseReadinessCheck.IsNotWritable(failure) => "cannot be written to",
            _ => "became unavailable",
        };
        return $"The database {what}. The current operation was not saved.{reason} For details, run: orion doctor";
    }

    private static string Place(Exception fault) =>
        fault.TargetSite is { } method ? $"{method.DeclaringType?.FullName}.{method.Name}" : "an unknown place";

    private static async Task<int> Fail(Terminal terminal, string message, int exitCode, bool isPage)
    {
        try
        {
            await terminal.Error.WriteAsync(isPage ? message : $"orion: {message}{Environment.NewLine}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Standard error is closed or full: only the exit code can report the failure.
        }

        return exitCode;
    }
}
