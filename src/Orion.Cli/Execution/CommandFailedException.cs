namespace Orion.Cli.Execution;

/// <summary>A command cannot continue. It ends with one line on standard error.</summary>
/// <param name="message">Sentences for a person, without secrets and tokens.</param>
/// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
/// <param name="cause">The underlying exception.</param>
internal sealed class CommandFailedException(string message, int exitCode = ExitCodes.Failed, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    internal int ExitCode { get; } = exitCode;

    /// <summary>Whether the message is a formatted page, which is written without a prefix.</summary>
    internal bool IsPage { get; init; }
}
