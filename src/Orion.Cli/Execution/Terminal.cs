using System.Text;
using System.Text.Json;
using Orion.Cli.Reporting;

namespace Orion.Cli.Execution;

/// <summary>Where a command reads and writes.</summary>
/// <param name="input">Standard input.</param>
/// <param name="output">Standard output: results alone.</param>
/// <param name="error">Standard error: errors, progress and advice.</param>
/// <param name="isInputTerminal">Whether somebody can answer a question.</param>
/// <param name="isErrorTerminal">Whether somebody looks at progress.</param>
internal sealed class Terminal(
    TextReader input, TextWriter output, TextWriter error, bool isInputTerminal = false, bool isErrorTerminal = false)
{
    // Data is UTF-8 whatever the terminal speaks, and what is none is not repaired in silence.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Standard input.</summary>
    internal TextReader Input => input;

    /// <summary>Standard output: results alone.</summary>
    internal TextWriter Output => output;

    /// <summary>Standard error: errors, progress and advice.</summary>
    internal TextWriter Error => error;

    /// <summary>Whether somebody can answer a question.</summary>
    internal bool IsInputTerminal => isInputTerminal;

    /// <summary>Whether somebody looks at progress.</summary>
    internal bool IsErrorTerminal => isErrorTerminal;

    /// <summary>The environment that was asked for; null where none was.</summary>
    internal string? EnvironmentName { get; set; }

    /// <summary>Whether results are wanted as JSON.</summary>
    internal bool IsJson { get; set; }

    /// <summary>Says what a command has done so far, for its error where it does not come to its end; null where that is nothing.</summary>
    internal Func<string>? SoFar { get; set; }

    /// <summary>The terminal of this process.</summary>
    internal static Terminal Of(TextReader input, TextWriter output, TextWriter error) => new(
        input, output, error, input == Console.In && !Console.IsInputRedirected, error == Console.Error && !Console.IsErrorRedirected);

    /// <summary>Standard output for much data, as UTF-8. Whoever asks disposes of it.</summary>
    internal TextWriter OpenOutput() =>
        output == Console.Out ? new StreamWriter(Console.OpenStandardOutput(), Utf8, bufferSize: 64 * 1024) : TextWriter.Synchronized(output);

    /// <summary>A file, or standard input, for much data, as UTF-8. Whoever asks disposes of it.</summary>
    internal static StreamReader OpenInput(string? file) => file is not null
        ? new StreamReader(File.OpenRead(file), Utf8)
        : new StreamReader(Console.OpenStandardInput(), Utf8);

    /// <summary>Writes a result in the form that is wanted.</summary>
    /// <param name="json">The result as an object.</param>
    /// <param name="text">Writes it for a person.</param>
    internal void Report(object json, Action<TextWriter> text)
    {
        if (IsJson) output.WriteLine(JsonSerializer.Serialize(json, ReportJson.Options));
        else text(output);
        output.Flush();
    }

    /// <summary>Writes a line for a person beside the result; scripts that ask for JSON are spared it.</summary>
    internal void Advise(string line)
    {
        if (!IsJson) error.WriteLine(line);
    }
}
