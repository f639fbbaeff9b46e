using System.CommandLine;
using System.CommandLine.Parsing;
using Orion.Cli.Tokens;

namespace Orion.Cli.Execution;

/// <summary>Usage errors and the list of commands.</summary>
internal static class Usage
{
    // The name on the PATH, however the program was started.
    private const string Program = "orion";

    /// <summary>One line that says what is wrong with a command line, and which help to read.</summary>
    internal static string Error(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = PathOf(parsed.CommandResult);
        var error = command.Subcommands.Count > 0
            ? $"{Unknown(parsed)}The commands of {path} are: {string.Join(", ", command.Subcommands.Select(sub => sub.Name))}."
            : parsed.UnmatchedTokens.Count > 0 && command.Name == InspectCommand.Name
                // The argument is most likely a token: it is not repeated.
                ? "The token is read from standard input, not from an argument: printf %s \"$token\" | orion token inspect."
                : string.Join(" ", parsed.Errors.Select(error => error.Message.ReplaceLineEndings(" ")));
        return $"{error} (See: {path} --help)";
    }

    /// <summary>Reduces the descriptions of subcommands to their first sentence. Their own help shows the rest.</summary>
    internal static void Shorten(IEnumerable<Command> commands)
    {
        foreach (var command in commands) command.Description = FirstSentence(command.Description ?? "");
    }

    private static string Unknown(ParseResult parsed) =>
        parsed.UnmatchedTokens is [var first, ..] ? $"Unknown command '{first.ReplaceLineEndings(" ")}'. " : "";

    private static string PathOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{PathOf(parent)} {result.Command.Name}" : Program;

    private static string FirstSentence(string description)
    {
        var text = description.ReplaceLineEndings(" ");
        var end = text.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? text.Trim() : text[..(end + 1)];
    }
}
