using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orion.Application.Export;

namespace Orion.Cli.Reporting;

/// <summary>The format of JSON reports: that of the API's responses, indented.</summary>
internal static class ReportJson
{
    internal static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        // A report is never embedded in HTML.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new InstantConverter(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };
}
