using Orion.Domain;

namespace Orion.Cli.Execution;

/// <summary>A command cannot do what it is asked for. It ends with a line on standard error, whatever it was in the middle of.</summary>
/// <param name="message">Sentences for a person, without secrets and tokens.</param>
/// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
internal sealed class CommandRefusedException(string message, int exitCode = ExitCodes.Refused) : Exception(message)
{
    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    internal int ExitCode { get; } = exitCode;

    /// <summary>Whether the message is a whole page, which says by itself whose it is.</summary>
    internal bool IsPage { get; init; }

    /// <summary>A refusal of the application.</summary>
    internal static CommandRefusedException For(Error error) => new(
        error.Members is { } members ? string.Join(" ", members.Values.SelectMany(texts => texts)) : error.Message);
}
