using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Text.RegularExpressions;
using Orion.Cli.Backup;
using Orion.Cli.Chat;
using Orion.Cli.Database;
using Orion.Cli.Deployments;
using Orion.Cli.Doctor;
using Orion.Cli.Execution;
using Orion.Cli.Export;
using Orion.Cli.Import;
using Orion.Cli.Mcp;
using Orion.Cli.Retention;
using Orion.Cli.Secrets;
using Orion.Cli.Tokens;
using Orion.Cli.Users;
using Orion.Cli.Verification;

namespace Orion.Cli;

/// <summary>The operator's commands.</summary>
internal static partial class OrionCommandLine
{
    private const string About = """
        The operator's commands of Orion, the backend of a private AI chat.

        The commands read the settings of the service (environment variables, .env in the working directory, appsettings*.json; see
        docs/settings.md) and use its database, whether the service runs or not; verify and chat send requests to the service. Run them as
        the service's account. Results go to standard output; errors go to standard error, one line each.

        Exit codes:
          0    success, or no problem found
          1    failure, or a problem found
          64   invalid command line
          69   the database does not respond, or is not migrated
          70   a fault in Orion itself
          74   a file could not be read or written
          78   invalid settings; all problems are listed, as at the start of the service
          130  interrupted
          doctor only: 0 all checks passed, 1 a warning, 2 a failure
        """;

    // verify needs time to delete its session.
    private static readonly TimeSpan GraceOnInterrupt = TimeSpan.FromSeconds(20);

    /// <summary>Runs one command.</summary>
    /// <returns>The exit code.</returns>
    internal static async Task<int> Run(string[] args, TextReader input, TextWriter output, TextWriter error)
    {
        var terminal = Terminal.Of(input, output, error);
        // Response files are disabled: an argument that begins with @ is not a file name.
        var commands = Build(terminal);
        // Without a command: the help. An unknown command is still an error.
        commands.SetAction(parsed => new HelpAction().Invoke(parsed));
        var parsed = commands.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            // The message repeats arguments. Credentials in an address and tokens are removed.
            var message = Tokens().Replace(Credentials().Replace(Usage.Error(parsed), "://...@"), "...");
            await error.WriteLineAsync($"orion: {message}");
            return ExitCodes.Usage;
        }

        Usage.Shorten(parsed.CommandResult.Command.Subcommands);
        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            // chat handles signals itself.
            ProcessTerminationTimeout = parsed.CommandResult.Command.Name == ChatCommand.Name ? null : GraceOnInterrupt,
        });
    }

    [GeneratedRegex(@"://\S*@")]
    private static partial Regex Credentials();

    // The header of a JWT is a JSON object, which begins with eyJ in base64url.
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
        ChatCommand.Build(terminal),
        ExportCommand.Build(terminal),
        ImportCommand.Build(terminal),
        BackupCommand.Build(terminal),
        RetentionCommand.Build(terminal),
        DeploymentsCommand.Build(terminal),
        McpCommand.Build(terminal),
    };
}
