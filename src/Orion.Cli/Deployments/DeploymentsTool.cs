using System.Text.Json;
using ModelContextProtocol.Protocol;
using Orion.Cli.Reporting;
using Orion.Domain;
using Orion.Mcp;

namespace Orion.Cli.Deployments;

/// <summary>
/// The tool of <c>orion mcp</c> for the deployments of this server. It is not available over HTTP: the log belongs to the operator of the
/// server, and not to each user of the service.
/// </summary>
internal static class DeploymentsTool
{
    private const int MaxLimit = 100;

    internal static McpTool Create() => new(
        new Tool
        {
            Name = "list_deployments",
            Title = "List deployments",
            Description = "Lists the successful and failed deployments of Orion on this server, the newest first: version, commit, operator, start, "
                + "duration, checks, outcome and reason. The list is empty on a computer that is not deployed to.",
            InputSchema = McpTool.Schema(
                $$""" "limit":{"type":"integer","minimum":1,"maximum":{{MaxLimit}},"default":{{DeploymentLog.DefaultCount}},"description":"The largest number of deployments."}"""),
            Annotations = new() { ReadOnlyHint = true, OpenWorldHint = false },
        },
        async (call, cancellationToken) =>
        {
            var limit = call.Arguments.Number("limit", MaxLimit, DeploymentLog.DefaultCount);
            if (call.Arguments.Error is { } invalid) return invalid;
            try
            {
                var (deployments, unreadable) = await DeploymentLog.Read(DeploymentLog.OfServer, limit, cancellationToken);
                return JsonSerializer.SerializeToElement(new { deployments, unreadable }, ReportJson.Options);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return new Error(ErrorKind.Forbidden, "not_readable", "The log of deployments cannot be read by this account.");
            }
        });
}
