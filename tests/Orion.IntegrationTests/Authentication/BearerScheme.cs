using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using Orion.Infrastructure.Tokens;

namespace Orion.IntegrationTests.Authentication;

/// <summary>
/// The bearer scheme as it is configured, and how it reads the <c>Authorization</c> header. It does not depend on the database.
/// </summary>
[Collection(OnSqlite.Name)]
public sealed class BearerScheme(SqliteOrion orion) : OrionTests(orion)
{
    private const string Accepted = "200", Missing = "401 missing_token", Invalid = "401 invalid_token";

    public static TheoryData<string, string[]> Headers => new()
    {
        { Missing, [] },
        { Accepted, ["Bearer {0}"] },
        { Accepted, ["bearer {0}"] },
        { Accepted, ["BEARER   {0}"] },
        { Missing, ["Basic {0}"] },
        { Missing, ["{0}"] },
        { Missing, ["Bearer{0}"] },
        { Missing, ["Bearer\t{0}"] },
        { Missing, [""] },
        { Invalid, ["Bearer"] },
        { Invalid, ["Bearer "] },
        { Invalid, ["Bearer \t{0}"] },
        { Invalid, ["Bearer {0} {0}"] },
        { Invalid, ["Bearer {0}, Bearer {0}"] },
        { Invalid, ["Bearer {0}", "Bearer {0}"] },
        { Invalid, ["Basic {0}", "Bearer {0}"] },
        { Missing, ["Basic {0}", "Basic {0}"] },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public async Task A_token_is_read_from_one_Bearer_header(string expected, string[] headers)
    {
        var token = TestToken.For(OrionServer.Owner, Server.Clock).ToString();
        string[] lines = [.. headers.Select(header => $"Authorization: {header.Replace("{0}", token, StringComparison.Ordinal)}")];

        var response = await RawHttp.Send(Server.Port, ["GET /api/me HTTP/1.1", .. lines]);

        Assert.Equal(expected, response.Status == 200 ? "200" : $"{response.Status} {response.Text("error")}");
        Assert.Equal(
            expected switch { Missing => "Bearer", Invalid => "Bearer error=\"invalid_token\"", _ => null }, response.Header("WWW-Authenticate"));
    }

    [Fact]
    public async Task A_token_is_verified_once_and_never_on_anonymous_routes()
    {
        var counting = new CountingTokenHandler();
        await using var server = await OrionServer.Start(Orion.Database, Configure(options => options.TokenHandlers.Insert(0, counting)));

        foreach (var path in (string[])["/", "/health", "/health/live", "/health/ready"]) (await server.Api.Get(path)).Should(200);
        Assert.Equal(0, counting.Count);

        (await server.Api.Get("/api/me")).Should(200);
        (await server.Api.Get("/nothing")).ShouldBeProblem(404, "not_found");
        Assert.Equal(2, counting.Count);
    }

    [Fact]
    public async Task A_configuration_file_does_not_reach_the_scheme()
    {
        const string section = "Authentication:Schemes:Bearer:";
        await using var server = await OrionServer.Start(
            Orion.Database,
            (section + "Authority", "https://evil.example.com"),
            (section + "ValidIssuer", "https://evil.example.com"),
            (section + "ValidAudiences:0", "anyone"),
            (section + "SaveToken", "true"),
            (section + "SigningKeys:0:Issuer", "https://evil.example.com"),
            (section + "SigningKeys:0:Value", Convert.ToBase64String(new byte[32])));

        var options = server.Services.GetRequiredService<IOptionsMonitor<JwtBearerOptions>>().Get(JwtBearerDefaults.AuthenticationScheme);

        Assert.Null(options.Authority);
        Assert.Null(options.ConfigurationManager);
        Assert.False(options.SaveToken);
        Assert.Equal(TestToken.Issuer, options.TokenValidationParameters.ValidIssuer);
        Assert.Null(options.TokenValidationParameters.ValidIssuers);
        Assert.Null(options.TokenValidationParameters.ValidAudiences);
        Assert.Null(options.TokenValidationParameters.IssuerSigningKeys);
        (await server.Api.Get("/api/me")).Should(200);
        (await server.With((TestToken.For(OrionServer.Owner) with { Key = new byte[32] }).With("iss", "https://evil.example.com").ToString()).Get("/api/me"))
            .ShouldBeProblem(401, "invalid_token");
    }

    [Fact]
    public async Task Without_Orions_token_handler_health_reports_that_tokens_are_not_verified()
    {
        foreach (var change in (Action<JwtBearerOptions>[])
        [
            options => options.TokenHandlers.Clear(),
            options => options.TokenHandlers.Add(new CountingTokenHandler()),
            options => options.UseSecurityTokenValidators = true,
        ])
        {
            await using var server = await OrionServer.Start(Orion.Database, Configure(change));

            Assert.False((await server.Anonymous.Get("/health")).Json.GetProperty("jwtEnabled").GetBoolean());
        }
    }

    [Fact]
    public async Task Nothing_is_written_to_the_home_directory()
    {
        Assert.Null(Server.Services.GetService<IDataProtectionProvider>());

        var home = Directory.CreateTempSubdirectory("orion-home-").FullName;
        var database = await Orion.CreateDatabase();
        await using (database)
        {
            var environment = OrionProcess.Environment(database, port: 0);
            environment["HOME"] = home;
            await using var orion = OrionProcess.Start(Path.GetTempPath(), environment);
            await Eventually.Until(() => Task.FromResult(orion.Output.Contains("Now listening on", StringComparison.Ordinal)), "It does not start.");

            Assert.Empty(Directory.EnumerateFileSystemEntries(home));
        }

        Directory.Delete(home, recursive: true);
    }

    private static Action<WebApplicationBuilder> Configure(Action<JwtBearerOptions> change) =>
        builder => builder.Services.PostConfigure(JwtBearerDefaults.AuthenticationScheme, change);

    // Accepts nothing, so that the next handler is called.
    private sealed class CountingTokenHandler : TokenHandler
    {
        private int _count;

        public int Count => _count;

        public override Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
        {
            Interlocked.Increment(ref _count);
            return Task.FromResult(new TokenValidationResult { Exception = TokenRejectedException.For(TokenRejection.Malformed) });
        }
    }
}
