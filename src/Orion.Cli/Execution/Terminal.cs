using System.Text;
using System.Text.Json;
using Orion.Cli.Reporting;

namespace Orion.Cli.Execution;

/// <summary>A command's input and output.</summary>
/// <param name="input">Standard input.</param>
/// <param name="output">Standard output: only results.</param>
/// <param name="error">Standard error: errors, progress and advice.</param>
/// <param name="isInputTerminal">Whether standard input is interactive.</param>
/// <param name="isErrorTerminal">Whether standard error is interactive.</param>
internal sealed class Terminal(
    TextReader input, TextWriter output, TextWriter error, bool isInputTerminal = false, bool isErrorTerminal = false)
{
    // Data is UTF-8, whatever the terminal's encoding.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Standard input.</summary>
    internal TextReader Input => input;

    /// <summary>Standard error: errors, progress and advice.</summary>
    internal TextWriter Error => error;

    /// <summary>Whether standard input is interactive.</summary>
    internal bool IsInputTerminal => isInputTerminal;

    /// <summary>Whether standard error is interactive.</summary>
    internal bool IsErrorTerminal => isErrorTerminal;

    /// <summary>The value of <c>--environment</c>; null without it.</summary>
    internal string? EnvironmentName { get; set; }

    /// <summary>Whether results are written as JSON.</summary>
    internal bool IsJson { get; set; }

    /// <summary>Describes what the command has done so far, for the error message if it fails; null if it has done nothing.</summary>
    internal Func<Exception, string>? Interim { get; set; }

    /// <summary>The terminal of this process.</summary>
    internal static Terminal Of(TextReader input, TextWriter output, TextWriter error) => new(
        input, output, error, input == Console.In && !Console.IsInputRedirected, error == Console.Error && !Console.IsErrorRedirected);

    /// <summary>Opens standard output for much data, as UTF-8. The caller disposes of it.</summary>
    internal TextWriter OpenOutput() =>
        output == Console.Out ? new StreamWriter(Console.OpenStandardOutput(), Utf8, bufferSize: 64 * 1024) : TextWriter.Synchronized(output);

    /// <summary>Writes a result as JSON or as text.</summary>
    /// <param name="json">The result as an object.</param>
    /// <param name="text">Writes the result for a person.</param>
    internal void Report(object json, Action<TextWriter> text)
    {
        if (IsJson) output.WriteLine(JsonSerializer.Serialize(json, ReportJson.Options));
        else text(output);
        output.Flush();
    }

    /// <summary>Writes an additional line for a person to standard error. It is left out with <c>--json</c>.</summary>
    internal void Advise(string line)
    {
        if (!IsJson) error.WriteLine(line);
    }
}
