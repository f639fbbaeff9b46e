using System.Text.Json;

namespace Orion.IntegrationTests.OpenApi;

/// <summary>The document matches <c>docs/openapi.json</c> and the routes.</summary>
public sealed class OpenApiDocument : DedicatedTests
{
    private const string DocumentPath = "/openapi/v1.json";

    [Fact]
    public async Task The_document_in_docs_is_the_served_one()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var served = await Served(await Start(("API_DOCS", "true"))) + "\n";
        var path = Path.Combine(RepositoryRoot(), "docs", "openapi.json");
        if (Environment.GetEnvironmentVariable("ORION_UPDATE_DOCS") == "1") await File.WriteAllTextAsync(path, served, cancellationToken);

        Assert.True(
            File.Exists(path) && await File.ReadAllTextAsync(path, cancellationToken) == served,
            "docs/openapi.json differs from what is served: run scripts/openapi.sh and commit it.");
    }

    [Fact]
    public async Task Every_route_has_an_operation_with_a_summary_a_tag_and_its_problems()
    {
        var server = await Start(("API_DOCS", "true"));
        using var document = JsonDocument.Parse(await Served(server));

        var operations = document.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject(), (path, operation) => (Route: $"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value))
            .ToList();
        var routes = Route.Of(server)
            // The Model Context Protocol describes its tools itself.
            .Where(route => route.Method is not ("HEAD" or "*") && !route.Path.StartsWith("/openapi", StringComparison.Ordinal) && route.Path != "/mcp")
            .Select(route => $"{route.Method} {route.Path}");
        Assert.Equal(routes.Order(StringComparer.Ordinal), operations.Select(operation => operation.Route).Order(StringComparer.Ordinal));

        var tags = document.RootElement.GetProperty("tags").EnumerateArray().Select(tag => tag.GetProperty("name").GetString()).ToList();
        foreach (var (route, operation) in operations)
        {
            Assert.True(operation.GetProperty("summary").GetString()!.Length > 0, route);
            Assert.Contains(operation.GetProperty("tags")[0].GetString(), tags);

            var responses = operation.GetProperty("responses").EnumerateObject().Select(response => response.Name).ToHashSet();
            var needsToken = operation.GetProperty("security").GetArrayLength() > 0;
            Assert.True(responses.IsSupersetOf(needsToken ? ["401", "403", "415", "429", "500", "503"] : ["403"]), route);
            Assert.True(responses.Overlaps(["200", "201", "204"]), route);
            if (operation.TryGetProperty("requestBody", out _)) Assert.True(responses.IsSupersetOf(["400", "408", "413"]), route);
        }

        // A response contains no null.
        var requests = string.Concat(operations.Select(operation => operation.Value.TryGetProperty("requestBody", out var body) ? body.GetRawText() : ""));
        foreach (var schema in document.RootElement.GetProperty("components").GetProperty("schemas").EnumerateObject())
        {
            if (!requests.Contains($"/{schema.Name}\"", StringComparison.Ordinal))
                Assert.DoesNotContain("\"null\"", schema.Value.GetRawText(), StringComparison.Ordinal);
        }
    }

    private static async Task<string> Served(OrionServer server) => (await server.Api.Get(DocumentPath)).Should(200).BodyText;

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Orion.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
