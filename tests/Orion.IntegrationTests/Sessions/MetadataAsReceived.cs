using System.Text;

namespace Orion.IntegrationTests.Sessions;

public abstract class MetadataAsReceived(OrionFixture orion) : OrionTests(orion)
{
    public static TheoryData<string> Texts { get; } =
    [
        "{}",
        "{ }",
        """{"b":1,"a":2,"10":3,"9":4}""",
        """{"n":1e131071}""",
        """{"n":1.0,"m":1.10,"big":12345678901234567890123456789,"tiny":-0.0,"e":1E+2}""",
        """{ "spaced" :  [ 1 , 2,3 ],	"tab":null }""",
        """{"escaped":"\u0041\/\u00e9","as it is":"é世界😀<>&'"}""",
        "{\n  \"lines\": true\n}",
    ];

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Metadata_is_returned_as_it_was_received(string metadata)
    {
        var made = (await Api.Post("/api/sessions", $$"""{"metadata":{{metadata}},"title":"t"}""")).Should(201);
        var id = made.Text("sessionId");
        var message = (await Api.Post($"/api/sessions/{id}/messages", $$"""{"metadata":{{metadata}},"role":"user","content":"c"}""")).Should(201);

        foreach (var response in (ApiResponse[])[made, message, await Api.Get($"/api/sessions/{id}"), await Api.Get(message.Required("Location")),
            await Api.Get("/api/sessions"), await Api.Get($"/api/sessions/{id}/messages"), await Api.Get("/api/sessions/list")])
        {
            Assert.Contains($"\"metadata\":{metadata}", response.BodyText, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_limit_is_16_KiB_as_received()
    {
        // The é takes two bytes.
        var most = $$"""{"a":"é{{new string('z', (16 * 1024) - 10)}}"}""";
        Assert.Equal(16 * 1024, Encoding.UTF8.GetByteCount(most));
        var made = (await Api.Post("/api/sessions", $$"""{"metadata":{{most}}}""")).Should(201);
        Assert.Equal(most, made.Json.GetProperty("metadata").GetRawText());

        var spaced = most.Replace("{", "{ ", StringComparison.Ordinal);
        var response = await ChangesNothing(() => Api.Post("/api/sessions", $$"""{"metadata":{{spaced}}}"""));
        response.ShouldBeProblem(400, "validation_failed", "metadata");
    }

    [Fact]
    public async Task A_patch_replaces_all_metadata()
    {
        var id = await Api.Create(new { metadata = new { a = 1, b = 2 } });

        (await Api.Patch($"/api/sessions/{id}", """{"metadata":{"c":3}}""")).Should(200);

        Assert.Equal("""{"c":3}""", (await Api.Session(id)).GetProperty("metadata").GetRawText());
    }
}

[Collection(OnPostgres.Name)]
public sealed class MetadataOnPostgres(PostgresOrion orion) : MetadataAsReceived(orion);

[Collection(OnSqlite.Name)]
public sealed class MetadataOnSqlite(SqliteOrion orion) : MetadataAsReceived(orion);
