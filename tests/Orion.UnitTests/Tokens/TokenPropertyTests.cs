using System.Text;
using CsCheck;
using static Orion.UnitTests.Fixtures.TestTokens;

namespace Orion.UnitTests.Tokens;

/// <summary>Properties that hold for every text.</summary>
public sealed class TokenPropertyTests
{
    // Fragments of JSON, so that some generated texts are almost a header or almost claims.
    internal static readonly Gen<string> NearlyJson = Gen.OneOf(
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0061", "\\ud800", "\\udc00", "alg", "\"alg\"", "\"HS256\"", "\"typ\"", "\"JWT\"", "\"exp\"",
        "\"sub\"", "\"sid\"", "\"x\"", "null", "true", "0", "-1", "1e9", " ", "\n", "\0", "\u00e9", "\uFEFF", "/*", "//", "\"x\":{", "\"x\":1,")
        .Array[0, 40].Select(string.Concat);

    [Fact]
    public void Every_token_that_differs_from_a_valid_one_in_one_character_is_rejected()
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\0%é";
        var verifier = Verifier();

        foreach (var token in new[] { User(), Session(), Sign("""{"alg":"HS256"}""", Claims(("x", "\"padding of another length\"")), UserKey) })
        {
            Assert.NotNull(verifier.Verify(token).Token);
            Gen.Select(Gen.Int[0, token.Length - 1], Gen.OneOf(alphabet.ToCharArray()), Gen.Int[0, 2]).Sample((at, character, edit) =>
            {
                var mutated = edit switch
                {
                    0 => token[..at] + character + token[(at + 1)..],
                    1 => token.Insert(at, character.ToString()),
                    _ => token.Remove(at, 1),
                };
                return mutated == token || verifier.Verify(mutated).Token is null;
            });
        }
    }

    [Fact]
    public void Every_spelling_of_the_last_characters_but_one_is_rejected()
    {
        var token = User();
        var verifier = Verifier();

        var accepted = Enumerable.Range(0, 0x250).Select(code => token[..^1] + (char)code).Where(spelling => verifier.Verify(spelling).Token is not null);

        Assert.Equal([token], accepted);
    }

    [Fact]
    public void No_text_makes_the_verifier_throw_or_passes()
    {
        var verifier = Verifier();

        Gen.String[0, 5000].Sample(text => verifier.Verify(text).Rejection is not null);
        Gen.Select(Gen.String, Gen.String, Gen.String, (a, b, c) => $"{a}.{b}.{c}").Sample(text => verifier.Verify(text).Rejection is not null);
    }

    [Fact]
    public void No_signed_bytes_make_the_verifier_throw_or_pass()
    {
        var verifier = Verifier();
        var claims = Encoding.UTF8.GetBytes(Claims());
        var header = Encoding.UTF8.GetBytes(UserHeader);

        Gen.Byte.Array[0, 200].Sample(bytes => verifier.Verify(Sign(bytes, claims, UserKey)).Token is null);
        Gen.Byte.Array[0, 200].Sample(bytes => verifier.Verify(Sign(header, bytes, UserKey)).Token is null);
    }

    [Fact]
    public void No_signed_text_that_is_nearly_JSON_makes_the_verifier_throw()
    {
        var verifier = Verifier();

        NearlyJson.Sample(json => _ = verifier.Verify(WithHeader("{" + json + "}")));
        NearlyJson.Sample(json => verifier.Verify(WithClaims("{" + json + "}")).Token is null);
        NearlyJson.Sample(json => _ = verifier.Verify(WithClaims(Claims()[..^1] + ",\"z\":" + json + "}")));
    }
}
