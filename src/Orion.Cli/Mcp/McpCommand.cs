using System.CommandLine;
using ModelContextProtocol.Server;
using Orion.Application.Users;
using Orion.Cli.Deployments;
using Orion.Cli.Execution;
using Orion.Mcp;

namespace Orion.Cli.Mcp;

/// <summary><c>orion mcp</c>.</summary>
internal static class McpCommand
{
    internal static Command Build(Terminal terminal)
    {
        var user = Options.Email("--user", "The user whose sessions are served. The default is the owner, AUTHORIZED_USER_EMAIL.");
        return new Command("mcp", """
            Serve the sessions of one user to an AI assistant with the Model Context Protocol, over standard input and output. The assistant
            starts this command; it ends when its standard input does. Its tools list and read sessions, start one, and append messages; on
            a server, they also list the deployments. Settings and database are those of the service, and no token is needed. The MCP
            setting is only for /mcp of the service. docs/mcp.md says how to configure assistants.
            """) { user }.WithAction(terminal, async (parsed, cancellationToken) =>
            {
                await using var host = await OrionHost.Open(terminal, cancellationToken);
                var email = parsed.GetValue(user) ?? host.Settings.Owner;
                await host.Impersonate(email, cancellationToken);

                var options = new McpServerOptions();
                OrionMcp.Configure(
                    options,
                    new McpConnection(
                        host.Dispatcher,
                        token => host.Dispatcher.Send(new Impersonate(email), token),
                        Memory: null,
                        exception => terminal.Error.WriteLine($"orion: {CommandActions.Describe(exception)}")),
                    DeploymentsTool.Create());
                // Disposal of the transport would wait for a read of standard input, which cannot be cancelled.
                await using var server = McpServer.Create(new StdioTransport(), options);
                await server.RunAsync(cancellationToken);
                return ExitCodes.Success;
            });
    }
}
