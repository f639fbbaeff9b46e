using System.Text;
using Orion.Infrastructure.Tokens;
using static Orion.UnitTests.Fixtures.TestTokens;

namespace Orion.UnitTests.Tokens;

public sealed class SigningKeysTests
{
    private readonly SigningKeys _keys = new(TestSettings);

    [Fact]
    public void The_keys_of_users_are_the_UTF8_bytes_of_the_secrets_the_current_one_first()
    {
        Assert.Equal([UserKey, Encoding.UTF8.GetBytes(PreviousSecret)], _keys.User);
    }

    [Fact]
    public void The_keys_of_sessions_are_derived_from_the_secrets_the_current_one_first()
    {
        Assert.Equal([SessionKey, SessionKeyOf(PreviousSecret)], _keys.Session);
        Assert.All(_keys.Session, key => Assert.Equal(32, key.Length));
    }

    [Theory]
    [InlineData("")]
    [InlineData("one-byte-less-than-a-hash-has-x")]
    public void A_secret_that_is_shorter_than_its_hash_is_not_a_key(string secret)
    {
        Assert.Throws<ArgumentException>(() => new SigningKeys(TestSettings with { Secret = secret }));
        Assert.Throws<ArgumentException>(() => new SigningKeys(TestSettings with { PreviousSecret = secret }));
    }
}
