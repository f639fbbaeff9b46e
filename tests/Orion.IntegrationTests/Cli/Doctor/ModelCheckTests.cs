using Microsoft.AspNetCore.Http;

namespace Orion.IntegrationTests.Cli.Doctor;

/// <summary>What <c>orion doctor</c> says of the model.</summary>
[Collection(CliOnSqlite.Name)]
public sealed class ModelCheckTests(SqliteOrion orion) : CommandTests(orion), IAsyncLifetime
{
    private ModelStandIn _model = null!;

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        _model = await ModelStandIn.Start();
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await _model.DisposeAsync();
        await DisposeAsync();
    }

    [Fact]
    public async Task A_model_with_all_names_passes() =>
        Assert.Matches(@"(?m)^pass +model +http://127\.0\.0\.1:\d+/v1 responds, and lists stand-in, stand-in/other:2b$", await Doctor());

    [Fact]
    public async Task Without_a_model_it_says_so() =>
        Assert.Matches("(?m)^pass +model +not configured", (await Command("doctor")).Out);

    [Fact]
    public async Task The_latest_of_a_name_is_known()
    {
        _model.ModelList = context => context.Response.WriteAsync($$"""{"data":[{"id":"{{ModelStandIn.Name}}:latest"},{"id":"{{ModelStandIn.OtherName}}"}]}""");

        Assert.Matches("(?m)^pass +model ", await Doctor());
    }

    [Fact]
    public async Task An_unknown_name_is_a_warning() =>
        Assert.Matches("(?m)^warn +model +.* responds, but does not list missing$", await Doctor(("MODEL_NAMES", $"{ModelStandIn.Name},missing")));

    [Theory]
    [InlineData(401, ModelStandIn.ApiKey, @"FAIL +model +.* rejects the key \(status 401\)")]
    [InlineData(403, "", @"FAIL +model +.* rejects requests without a key \(status 403\)")]
    [InlineData(404, ModelStandIn.ApiKey, @"warn +model +.* has no list of models \(status 404\)")]
    [InlineData(302, ModelStandIn.ApiKey, @"warn +model +.* has no list of models \(status 302\)")]
    [InlineData(503, ModelStandIn.ApiKey, @"warn +model +.* has no list of models \(status 503\)")]
    [InlineData(200, ModelStandIn.ApiKey, @"warn +model +.* has no list of models \(the response is not a list of models\)")]
    public async Task A_status_is_explained_without_the_providers_text(int status, string key, string expected)
    {
        string? authorization = null;
        _model.ModelList = async context =>
        {
            authorization = context.Request.Headers.Authorization;
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "http://127.0.0.1:1/telling";
            await context.Response.WriteAsync("""{"error":{"message":"A telling message"}}""");
        };

        var output = await Doctor(("MODEL_API_KEY", key));

        Assert.Matches($"(?m)^{expected}$", output);
        Assert.DoesNotContain("telling", output, StringComparison.Ordinal);
        Assert.Equal(key.Length == 0 ? null : $"Bearer {key}", authorization);
    }

    [Fact]
    public async Task An_unreachable_model_is_a_warning()
    {
        await _model.DisposeAsync();

        Assert.Matches(@"(?m)^warn +model +.* cannot be reached \(ConnectionError\)$", await Doctor());
    }

    private async Task<string> Doctor(params (string Name, string Value)[] settings)
    {
        var ended = await Run(Environment(Orion.Database, [.. _model.Settings, .. settings]), "", "doctor");
        Assert.DoesNotContain(ModelStandIn.ApiKey, ended.Output, StringComparison.Ordinal);
        return ended.Out;
    }
}
