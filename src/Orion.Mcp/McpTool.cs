using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ModelContextProtocol.Protocol;
using Orion.Application.Messaging;
using Orion.Domain;

namespace Orion.Mcp;

/// <summary>A tool: its definition, and what it does.</summary>
/// <param name="Definition">The name, the description, the schemas and the hints, as clients see them.</param>
/// <param name="Run">Runs it. The value is the structured content of the result.</param>
public sealed record McpTool(Tool Definition, Func<ToolCall, CancellationToken, Task<Result<JsonElement>>> Run)
{
    /// <summary>The names of its arguments.</summary>
    internal IReadOnlySet<string> Arguments { get; } =
        Definition.InputSchema.GetProperty("properties").EnumerateObject().Select(property => property.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>The schema of its arguments: a JSON object with no other members.</summary>
    /// <param name="properties">The members of <c>properties</c>, as JSON.</param>
    /// <param name="required">The names of the required ones.</param>
    public static JsonElement Schema(string properties, params string[] required) => JsonElement.Parse(
        $$"""{"type":"object","properties":{{{properties}}},"required":{{JsonSerializer.Serialize(required, McpJson.Default.StringArray)}},"additionalProperties":false}""");
}

/// <summary>One call of a tool.</summary>
/// <param name="Caller">The user on whose behalf it runs.</param>
/// <param name="Connection">What is needed to run requests.</param>
/// <param name="Arguments">The arguments.</param>
public sealed record ToolCall(Caller Caller, McpConnection Connection, ToolArguments Arguments)
{
    /// <summary>Sends a request, unless an argument is invalid, and serializes the value of the outcome.</summary>
    internal async Task<Result<JsonElement>> Send<TOutcome, TValue>(
        MediatR.IRequest<Result<TOutcome>> request, Func<TOutcome, TValue> convert, JsonTypeInfo<TValue> type, CancellationToken cancellationToken)
        where TOutcome : notnull
    {
        if (Arguments.Error is { } invalid) return invalid;
        var outcome = await Connection.Dispatcher.Send(request, cancellationToken);
        return outcome.Error is { } error ? error : JsonSerializer.SerializeToElement(convert(outcome.Value), type);
    }
}
