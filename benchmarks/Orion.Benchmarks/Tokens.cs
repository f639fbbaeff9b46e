using BenchmarkDotNet.Attributes;
using Microsoft.IdentityModel.Tokens;
using Orion.Application.Messaging;
using Orion.Domain.Sessions;
using Orion.Domain.Users;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Tokens;

namespace Orion.Benchmarks;

/// <summary>Verifying a token: a user token, a session token, a forged one, and a user token with the library's verification after Orion's.</summary>
[MemoryDiagnoser]
public class Tokens
{
    private readonly JwtVerifier _verifier;
    private readonly OrionTokenHandler _handler;
    private readonly TokenValidationParameters _parameters;
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
        _handler = new OrionTokenHandler(_verifier);
        _parameters = LibraryValidation.Create(settings, TimeProvider.System);
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

    [Benchmark]
    public Task<TokenValidationResult> UserByBoth() => _handler.ValidateTokenAsync(_user, _parameters);

    [Benchmark]
    public Task<TokenValidationResult> ForgedByBoth() => _handler.ValidateTokenAsync(_forged, _parameters);
}
