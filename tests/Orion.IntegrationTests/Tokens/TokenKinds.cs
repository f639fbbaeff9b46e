using System.Text.Json;

namespace Orion.IntegrationTests.Tokens;

/// <summary>Neither kind of token can replace the other: each key, with each <c>typ</c>, with each <c>sid</c>.</summary>
public abstract class TokenKinds(OrionFixture orion) : OrionTests(orion)
{
    private const string PreviousSecret = "the-secret-before-it-5b1e88c07f3a42d9-and-nothing-else";

    private static readonly (string Name, byte[] Key, string? Makes)[] Keys =
    [
        ("the secret", Bytes(TestToken.SharedSecret), "user"),
        ("the previous secret", Bytes(PreviousSecret), "user"),
        ("derived", TestToken.SessionKeyOf(TestToken.SharedSecret), "session"),
        ("derived from the previous one", TestToken.SessionKeyOf(PreviousSecret), "session"),
        ("derived for another purpose", TestToken.SessionKeyOf(TestToken.SharedSecret, "orion/session-token/v2"), null),
        ("derived for no purpose", TestToken.SessionKeyOf(TestToken.SharedSecret, ""), null),
        ("another secret", Bytes("another-secret-of-the-right-length-0123456789"), null),
        ("derived from another one", TestToken.SessionKeyOf("another-secret-of-the-right-length-0123456789"), null),
    ];

    private static readonly (string? Type, string? Means)[] Types =
    [
        (null, "user"), ("JWT", "user"), ("orion-session+jwt", "session"), ("jwt", null), ("Orion-Session+JWT", null),
        ("application/orion-session+jwt", null), ("at+jwt", null), ("", null),
    ];

    [Fact]
    public async Task Every_wrong_combination_of_key_type_and_session_is_rejected()
    {
        await using var server = await OrionServer.Start(Orion.Database, ("ORION_SHARED_JWT_SECRET_PREVIOUS", PreviousSecret));
        var id = await Api.Create();
        (string Name, object? Value, string? For)[] sessions =
        [
            ("none", null, "user"), ("its own", id, "session"), ("null", JsonSerializer.SerializeToElement<object?>(null), null),
            ("empty", "", null), ("no UUID", "session", null), ("without hyphens", id.Replace("-", "", StringComparison.Ordinal), null),
            ("a number", 7, null), ("a list", new[] { id }, null),
        ];
        var accepted = new List<string>();

        foreach (var key in Keys)
        {
            foreach (var type in Types)
            {
                foreach (var session in sessions)
                {
                    var token = TestToken.ForSession(OrionServer.Owner, id).With("sid", session.Value) with { Header = HeaderOf(type.Type), Key = key.Key };
                    var isGood = key.Makes is { } kind && kind == type.Means && kind == session.For;
                    var response = await server.With(token.ToString()).Get($"/api/sessions/{id}");
                    var name = $"{key.Name}, {type.Type ?? "no type"}, {session.Name}";
                    Assert.True(response.Status == (isGood ? 200 : 401), $"{name}: {response}");
                    if (isGood) accepted.Add(name);
                    else Assert.Equal("invalid_token", response.Text("error"));
                }
            }
        }

        Assert.Equal(6, accepted.Count);
    }

    [Fact]
    public async Task A_session_token_is_valid_for_at_most_15_minutes()
    {
        var id = await Api.Create();
        var token = TestToken.ForSession(OrionServer.Owner, id, Server.Clock);
        var issuedAt = (long)token.Claims["iat"]!;

        (await Server.With(token.With("exp", issuedAt + 900).ToString()).Get($"/api/sessions/{id}")).Should(200);
        (await Server.With(token.With("exp", issuedAt + 901).ToString()).Get($"/api/sessions/{id}")).ShouldBeProblem(401, "invalid_token");
    }

    [Fact]
    public async Task A_signed_session_token_of_a_missing_or_another_users_session_is_rejected()
    {
        var foreign = await Friend.Create();
        var missing = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

        foreach (var session in (string[])[foreign, missing.ToString(), Guid.AllBitsSet.ToString(), Guid.Empty.ToString()])
        {
            (await Server.With(TestToken.ForSession(OrionServer.Owner, session, Server.Clock).ToString()).Get($"/api/sessions/{session}"))
                .ShouldBeProblem(401, "invalid_token");
        }
    }

    private static byte[] Bytes(string secret) => System.Text.Encoding.UTF8.GetBytes(secret);

    private static string HeaderOf(string? type) => type is null ? """{"alg":"HS256"}""" : $$"""{"alg":"HS256","typ":"{{type}}"}""";
}

[Collection(OnPostgres.Name)]
public sealed class TokenKindsOnPostgres(PostgresOrion orion) : TokenKinds(orion);

[Collection(OnSqlite.Name)]
public sealed class TokenKindsOnSqlite(SqliteOrion orion) : TokenKinds(orion);
