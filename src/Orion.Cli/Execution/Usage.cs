using System.CommandLine;
using System.CommandLine.Parsing;
using Orion.Cli.Tokens;

namespace Orion.Cli.Execution;

/// <summary>What somebody is told who does not know the commands yet.</summary>
internal static class Usage
{
    // Its name on the PATH, however it was started.
    private const string Program = "orion";

    /// <summary>What is wrong with a command line, and where to read on; one line.</summary>
    internal static string Complaint(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = PathOf(parsed.CommandResult);
        var wrong = command.Subcommands.Count > 0
            ? $"{Unknown(parsed)}The commands of {path} are: {string.Join(", ", command.Subcommands.Select(sub => sub.Name))}."
            : parsed.UnmatchedTokens.Count > 0 && command.Name == InspectCommand.Name
                // What stands there is most likely a token: it is not repeated.
                ? "The token is read from standard input, and is no argument."
                : string.Join(" ", parsed.Errors.Select(error => error.Message.ReplaceLineEndings(" ")));
        return $"{wrong} (See: {path} --help)";
    }

    /// <summary>In the list of commands each is one sentence; the rest is for its own help.</summary>
    internal static void Shorten(IEnumerable<Command> commands)
    {
        foreach (var command in commands) command.Description = FirstSentence(command.Description ?? "");
    }

    private static string Unknown(ParseResult parsed) =>
        parsed.UnmatchedTokens is [var first, ..] ? $"There is no command '{first.ReplaceLineEndings(" ")}'. " : "";

    private static string PathOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{PathOf(parent)} {result.Command.Name}" : Program;

    private static string FirstSentence(string description)
    {
        var text = description.ReplaceLineEndings(" ");
        var end = text.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? text.Trim() : text[..(end + 1)];
    }
}
