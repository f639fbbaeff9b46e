using System.Net;
using Orion.Api.RateLimiting;
using Orion.Api.SecurityEvents;
using Orion.Application.Messaging;
using Orion.Domain.Sessions;
using Orion.Domain.Users;
using Orion.Infrastructure.Configuration;

namespace Orion.UnitTests.SecurityEvents;

public sealed class SecurityEventLogTests : IDisposable
{
    private readonly House _house = new(seconds: 60);

    public void Dispose() => _house.Dispose();

    [Fact]
    public void Of_repeated_refusals_from_one_address_the_first_in_a_window_is_a_line_and_all_are_counted()
    {
        for (var i = 0; i < 5; i++)
            _house.SecurityEventLog.TokenRejected(House.Request("192.0.2.1"), "signature");
        Assert.Equal((1001, "TokenRejected"), (_house.Log.Lines.Single().Event.Id, _house.Log.Lines.Single().Event.Name));
        Assert.Equal("A token was rejected (signature), from 192.0.2.1", _house.Log.Lines.Single().Message);
        Assert.Equal(5, _house.Counted["orion.tokens.refused/reason=signature"]);

        _house.Time.Advance(TimeSpan.FromSeconds(59));
        _house.SecurityEventLog.TokenRejected(House.Request("192.0.2.1"), "signature");
        Assert.Single(_house.Log.Lines);
        _house.Time.Advance(TimeSpan.FromSeconds(1));
        _house.SecurityEventLog.TokenRejected(House.Request("192.0.2.1"), "signature");
        Assert.Equal(2, _house.Log.Lines.Count);
    }

    [Fact]
    public void Each_address_each_kind_and_each_reason_has_a_first_line()
    {
        _house.SecurityEventLog.TokenRejected(House.Request("192.0.2.1"), "expired");
        _house.SecurityEventLog.TokenRejected(House.Request("192.0.2.1"), "signature");
        _house.SecurityEventLog.TokenRejected(House.Request("192.0.2.2"), "expired");
        _house.SecurityEventLog.NotAuthorized(House.Request("192.0.2.1"), "somebody@example.com");
        _house.SecurityEventLog.InsufficientScope(House.Request("192.0.2.1"));
        _house.SecurityEventLog.OriginRefused(House.Request("192.0.2.1"), "https://evil.example.com");
        _house.SecurityEventLog.LimitHit(House.Request("192.0.2.1"), RateLimitPartitionKind.User);
        _house.SecurityEventLog.LimitHit(House.Request("192.0.2.1"), RateLimitPartitionKind.SessionToken);
        _house.SecurityEventLog.HttpsRequired(House.Request("192.0.2.1"), byUntrustedProxy: false);
        _house.SecurityEventLog.Overloaded(House.Request("192.0.2.1"));
        _house.SecurityEventLog.Overloaded(House.Request("192.0.2.1"));
        Assert.Equal([1001, 1001, 1001, 1002, 1003, 1004, 1005, 1005, 1006, 3005], _house.Log.Lines.Select(line => line.Event.Id));
        Assert.Contains("somebody@example.com", _house.Log.Lines[3].Message, StringComparison.Ordinal);
        Assert.Equal(1, _house.Counted["orion.users.not_authorized"]);
        Assert.Equal(1, _house.Counted["orion.scopes.insufficient"]);
        Assert.Equal(1, _house.Counted["orion.limits.hit/budget=session_token"]);
        Assert.Equal(2, _house.Counted["orion.requests.overloaded"]);
    }

    [Fact]
    public void A_long_origin_is_cut()
    {
        _house.SecurityEventLog.OriginRefused(House.Request("192.0.2.1"), new string('x', 16_000));
        Assert.Equal($"The origin {new string('x', 200)} is not in ALLOWED_ORIGINS, from 192.0.2.1", _house.Log.Lines.Single().Message);
    }

    [Fact]
    public void Beyond_10_000_addresses_new_ones_share_a_line_and_other_kinds_keep_theirs()
    {
        var lines = new SecurityEventThrottle(new RateLimitSettings(1, 1, TimeSpan.FromSeconds(60)), _house.Time);
        for (var i = 0L; i < 10_000; i++)
            Assert.True(lines.IsFirst(Refusal.Token, new IPAddress(i), "expired"));
        Assert.True(lines.IsFirst(Refusal.Token, new IPAddress(20_001L), "expired"));
        Assert.False(lines.IsFirst(Refusal.Token, new IPAddress(20_002L), "expired"));
        Assert.True(lines.IsFirst(Refusal.Origin, new IPAddress(20_002L)));
    }

    [Fact]
    public void Acts_are_counted_and_those_that_matter_are_lines()
    {
        var user = UserId.New(DateTimeOffset.UnixEpoch);
        var session = SessionId.New(DateTimeOffset.UnixEpoch);
        _house.Audit.SessionCreated(session, user);
        _house.Audit.SessionChanged();
        _house.Audit.SessionArchived(session, user);
        _house.Audit.SessionRestored(session, user);
        _house.Audit.SessionDeleted(session, user);
        _house.Audit.MessageAppended();
        _house.Audit.TokensRevoked(user);
        _house.Audit.SessionTokenMinted(session, new Caller(user, Given.Address()));

        Assert.Equal(
            ["1101 SessionCreated", "1102 SessionArchived", "1103 SessionRestored", "1104 SessionDeleted", "1105 TokensRevoked", "1106 SessionTokenMinted"],
            _house.AuditLines.Lines.Select(line => $"{line.Event.Id} {line.Event.Name}"));
        Assert.Equal($"A token for session {session} of user {user} was minted", _house.AuditLines.Lines[^1].Message);
        Assert.Equal($"Session {session} of user {user} was created", _house.AuditLines.Lines[0].Message);
        foreach (var operation in new[] { "created", "changed", "archived", "restored", "deleted" })
            Assert.Equal(1, _house.Counted[$"orion.sessions.written/operation={operation}"]);
        foreach (var counter in new[] { "orion.messages.written", "orion.tokens.revoked", "orion.tokens.minted" })
            Assert.Equal(1, _house.Counted[counter]);
    }
}
