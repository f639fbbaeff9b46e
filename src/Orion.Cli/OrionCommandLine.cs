using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text.RegularExpressions;
using Orion.Cli.Backup;
using Orion.Cli.Database;
using Orion.Cli.Deployments;
using Orion.Cli.Doctor;
using Orion.Cli.Execution;
using Orion.Cli.Export;
using Orion.Cli.Import;
using Orion.Cli.Secrets;
using Orion.Cli.Tokens;
using Orion.Cli.Users;
using Orion.Cli.Verification;

namespace Orion.Cli;

/// <summary>The operator's commands: the table of contents.</summary>
internal static partial class OrionCommandLine
{
    private const string About = """
        The operator's commands of Orion, the backend of a private AI chat.

        It reads the same settings as the service (the environment, .env in the working directory, appsettings*.json; docs/settings.md)
        and works on the same database, whether the service runs or not. Run it as the account that the service runs as. Results go to
        standard output, errors to standard error, a line each.

        Exit codes:
          0    done, or nothing found wrong
          1    refused, or something was found wrong
          64   the command line is not understood
          69   the database does not answer, or is not migrated
          70   a fault in Orion itself
          74   a file could not be read or written
          78   the settings are not accepted; all problems are listed, as at the service's start
          130  interrupted
          doctor alone: 0 all passed, 1 the worst is a warning, 2 something failed
        """;

    // verify must have time to take its session away again.
    private static readonly TimeSpan GraceOnInterrupt = TimeSpan.FromSeconds(20);

    /// <summary>Runs one command.</summary>
    /// <returns>The exit code.</returns>
    internal static async Task<int> Run(string[] args, TextReader input, TextWriter output, TextWriter error)
    {
        var terminal = Terminal.Of(input, output, error);
        // An argument that begins with an @ is no file to read arguments from.
        var parsed = Build(terminal).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        // Whoever names no command wants to know which there are.
        if (parsed.Action is ParseErrorAction && parsed.CommandResult == parsed.RootCommandResult && parsed.UnmatchedTokens.Count == 0)
            parsed = parsed.RootCommandResult.Command.Parse("--help");
        if (parsed.Action is ParseErrorAction)
        {
            // What is not understood is repeated, but for the credentials of an address in it, and tokens.
            var complaint = Tokens().Replace(Credentials().Replace(Usage.Complaint(parsed), "://...@"), "...");
            await error.WriteLineAsync($"orion: {complaint}");
            return ExitCodes.Usage;
        }

        Usage.Shorten(parsed.CommandResult.Command.Subcommands);
        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = GraceOnInterrupt,
        });
    }

    [GeneratedRegex(@"://\S*@")]
    private static partial Regex Credentials();

    // A JWT's header is a JSON object, which begins so in base64url.
    [GeneratedRegex(@"eyJ[A-Za-z0-9_.=-]{8,}")]
    private static partial Regex Tokens();

    private static RootCommand Build(Terminal terminal) => new(About)
    {
        Options.Json,
        Options.EnvironmentName,
        SecretCommands.Build(terminal),
        TokenCommands.Build(terminal),
        UserCommands.Build(terminal),
        MigrateCommand.Build(terminal),
        DoctorCommand.Build(terminal),
        VerifyCommand.Build(terminal),
        ExportCommand.Build(terminal),
        ImportCommand.Build(terminal),
        BackupCommand.Build(terminal),
        DeploymentsCommand.Build(terminal),
    };
}
