using BenchmarkDotNet.Attributes;
using Orion.Application.Messaging;
using Orion.Domain.Sessions;
using Orion.Domain.Users;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Tokens;

namespace Orion.Benchmarks;

/// <summary>Verifying a token: a user's, a session's, and one whose signature does not fit.</summary>
[MemoryDiagnoser]
public class Tokens
{
    private readonly JwtVerifier _verifier;
    private readonly string _user;
    private readonly string _session;
    private readonly string _forged;

    public Tokens()
    {
        var settings = new TokenSettings
        {
            Secret = "00112233445566778899aabbccddeeff-for-benchmarks-only",
            PreviousSecret = null,
            Issuer = "https://chat.example.com",
            Audience = "orion-core",
            UserTokenMaxLifetime = TimeSpan.FromHours(24),
        };
        _verifier = new JwtVerifier(settings, TimeProvider.System);
        var minter = new JwtTokenMinter(settings, TimeProvider.System);
        if (!EmailAddress.TryParse("owner@example.com", out var owner)) throw new InvalidOperationException();
        var now = TimeProvider.System.GetUtcNow();
        _user = minter.MintUserToken(owner, TimeSpan.FromHours(12)).Token;
        _session = minter.MintSessionToken(new Caller(UserId.New(now), owner), SessionId.New(now), now, TimeSpan.FromMinutes(15)).Token;
        _forged = $"{_user[..^5]}AAAAA";
        if (_verifier.Verify(_user).Token is null || _verifier.Verify(_forged).Token is not null) throw new InvalidOperationException();
    }

    [Benchmark(Baseline = true)]
    public object User() => _verifier.Verify(_user);

    [Benchmark]
    public object Session() => _verifier.Verify(_session);

    [Benchmark]
    public object Forged() => _verifier.Verify(_forged);
}
