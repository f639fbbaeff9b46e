using System.Text.Json;
using Orion.Cli.Reporting;

namespace Orion.Cli.Running;

/// <summary>Where a command reads and writes.</summary>
internal sealed class Terminal(TextReader input, TextWriter output, TextWriter error)
{
    /// <summary>Standard input.</summary>
    internal TextReader Input => input;

    /// <summary>Standard output: results alone.</summary>
    internal TextWriter Output => output;

    /// <summary>Standard error: errors, progress and advice.</summary>
    internal TextWriter Error => error;

    /// <summary>The environment that was asked for; null where none was.</summary>
    internal string? EnvironmentName { get; set; }

    /// <summary>Whether results are wanted as JSON.</summary>
    internal bool IsJson { get; set; }

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
