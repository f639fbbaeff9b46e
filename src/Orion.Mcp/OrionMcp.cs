using System.Reflection;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Orion.Application.Availability;
using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Domain;

namespace Orion.Mcp;

/// <summary>
/// The Model Context Protocol server (modelcontextprotocol.io), independent of its transport: one user's sessions as tools and resources.
/// All of them use the application's commands and queries. Errors have Orion's own texts, never the message of an exception.
/// </summary>
public static class OrionMcp
{
    private const string Instructions =
        "Orion keeps the user's AI chat sessions and their messages. Nothing here asks a model for a reply. Lists have pages: pass nextCursor as cursor.";

    private static readonly Error Unavailable =
        new(ErrorKind.Conflict, "unavailable", "The service is unavailable. Before you repeat a change, read whether it was made.");

    private static readonly Error InternalError = new(ErrorKind.Conflict, "internal_error", "An internal error occurred. The operator's log has the details.");

    private static readonly Implementation Server = new()
    {
        Name = "orion",
        Title = "Orion",
        Version = typeof(OrionMcp).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0],
    };

    /// <summary>Configures a server.</summary>
    /// <param name="options">The options of the server.</param>
    /// <param name="connection">The user, and what the server needs to run requests.</param>
    /// <param name="moreTools">Tools besides those for sessions and messages.</param>
    public static void Configure(McpServerOptions options, McpConnection connection, params IReadOnlyList<McpTool> moreTools)
    {
        IReadOnlyList<McpTool> tools = [.. SessionTools.All, .. moreTools];
        options.ServerInfo = Server;
        options.ServerInstructions = Instructions;
        options.ScopeRequests = false;
        options.Capabilities = new ServerCapabilities { Tools = new(), Resources = new() };
        options.Filters.Message.IncomingFilters.Add(next => async (message, cancellationToken) =>
        {
            try
            {
                await next(message, cancellationToken);
            }
            catch (Exception exception) when (ProtocolErrors.IsInvalidParams(exception))
            {
                throw new McpProtocolException(ProtocolErrors.InvalidParams.Message, McpErrorCode.InvalidParams);
            }
        });
        options.Filters.Message.OutgoingFilters.Add(next => (message, cancellationToken) =>
        {
            if (message.JsonRpcMessage is JsonRpcError error) ProtocolErrors.ReplaceText(error.Error);
            return next(message, cancellationToken);
        });
        options.Handlers.ListToolsHandler = (_, _) =>
            ValueTask.FromResult(new ListToolsResult { Tools = [.. tools.Select(tool => tool.Definition)] });
        options.Handlers.CallToolHandler = async (request, cancellationToken) =>
        {
            var tool = tools.FirstOrDefault(tool => tool.Definition.Name == request.Params?.Name)
                ?? throw new McpProtocolException("There is no tool of this name.", McpErrorCode.InvalidParams);
            var arguments = new ToolArguments(request.Params!.Arguments, tool.Arguments);
            return ToResult(await Guard(connection, caller => tool.Run(new ToolCall(caller, connection, arguments), cancellationToken), cancellationToken));
        };
        options.Handlers.ListResourceTemplatesHandler = (_, _) =>
            ValueTask.FromResult(new ListResourceTemplatesResult { ResourceTemplates = [SessionResources.Template] });
        options.Handlers.ListResourcesHandler = async (request, cancellationToken) => ValueOrThrow(await Guard(
            connection, caller => SessionResources.List(connection, caller, request.Params?.Cursor, cancellationToken), cancellationToken));
        options.Handlers.ReadResourceHandler = async (request, cancellationToken) => ValueOrThrow(await Guard(
            connection, caller => SessionResources.Read(connection, caller, request.Params?.Uri ?? "", cancellationToken), cancellationToken));
        // Nothing is announced, so a stream of announcements would only occupy a connection.
        options.Handlers.SubscriptionsListenHandler = (_, _) =>
            throw new McpProtocolException("Subscriptions are not available.", McpErrorCode.MethodNotFound);
    }

    // Every request of a client that reads or writes data passes here.
    private static async Task<Result<T>> Guard<T>(McpConnection connection, Func<Caller, Task<Result<T>>> run, CancellationToken cancellationToken)
        where T : notnull
    {
        try
        {
            var caller = await connection.FindCaller(cancellationToken);
            return caller.Error is { } rejected ? rejected : await run(caller.Value);
        }
        catch (Exception exception) when (exception is DatabaseUnavailableException or OverloadedException)
        {
            return Unavailable;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            connection.ReportFault(exception);
            return InternalError;
        }
    }

    // The text repeats the structured content, because many clients show a model only the text.
    private static CallToolResult ToResult(Result<JsonElement> outcome) => outcome.Error is { } error
        ? new CallToolResult { IsError = true, Content = [new TextContentBlock { Text = Describe(error) }] }
        : new CallToolResult
        {
            StructuredContent = outcome.Value,
            Content = [new TextContentBlock { Text = JsonSerializer.Serialize(outcome.Value, McpJson.Text.JsonElement) }],
        };

    private static T ValueOrThrow<T>(Result<T> outcome)
        where T : notnull
    {
        if (outcome.Error is not { } error) return outcome.Value;
        var code = error.Kind switch
        {
            ErrorKind.NotFound => McpErrorCode.ResourceNotFound,
            ErrorKind.Invalid => McpErrorCode.InvalidParams,
            _ => McpErrorCode.InternalError,
        };
        throw new McpProtocolException(Describe(error), code);
    }

    private static string Describe(Error error) => string.Join(
        ' ',
        [$"{error.Code}: {error.Message}", .. (error.Members ?? new Dictionary<string, string[]>()).Select(member => $"{member.Key}: {string.Join(' ', member.Value)}")]);
}
