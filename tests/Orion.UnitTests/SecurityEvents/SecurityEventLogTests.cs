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
    private readonly MiddlewareHost _host = new(seconds: 60);

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Repeated_events_from_one_address_are_logged_once_in_a_window_and_all_counted()
    {
        for (var i = 0; i < 5; i++)
            _host.SecurityEventLog.TokenRejected(MiddlewareHost.Request("192.0.2.1"), "signature");
        Assert.Equal((1001, "TokenRejected"), (_host.Log.Lines.Single().Event.Id, _host.Log.Lines.Single().Event.Name));
        Assert.Equal("A token was rejected (signature), from 192.0.2.1", _host.Log.Lines.Single().Message);
        Assert.Equal(5, _host.Counted["orion.tokens.refused/reason=signature"]);

        _host.Time.Advance(TimeSpan.FromSeconds(59));
        _host.SecurityEventLog.TokenRejected(MiddlewareHost.Request("192.0.2.1"), "signature");
        Assert.Single(_host.Log.Lines);
        _host.Time.Advance(TimeSpan.FromSeconds(1));
        _host.SecurityEventLog.TokenRejected(MiddlewareHost.Request("192.0.2.1"), "signature");
        Assert.Equal(2, _host.Log.Lines.Count);
    }

    [Fact]
    public void Each_address_each_kind_and_each_reason_has_a_first_line()
    {
        _host.SecurityEventLog.TokenRejected(MiddlewareHost.Request("192.0.2.1"), "expired");
        _host.SecurityEventLog.TokenRejected(MiddlewareHost.Request("192.0.2.1"), "signature");
        _host.SecurityEventLog.TokenRejected(MiddlewareHost.Request("192.0.2.2"), "expired");
        _host.SecurityEventLog.NotAuthorized(MiddlewareHost.Request("192.0.2.1"), "somebody@example.com");
        _host.SecurityEventLog.InsufficientScope(MiddlewareHost.Request("192.0.2.1"));
        _host.SecurityEventLog.OriginRejected(MiddlewareHost.Request("192.0.2.1"), "https://evil.example.com");
        _host.SecurityEventLog.RateLimited(MiddlewareHost.Request("192.0.2.1"), RateLimitPartitionKind.User);
        _host.SecurityEventLog.RateLimited(MiddlewareHost.Request("192.0.2.1"), RateLimitPartitionKind.SessionToken);
        _host.SecurityEventLog.HttpsRequired(MiddlewareHost.Request("192.0.2.1"), sentByProxy: false);
        _host.SecurityEventLog.Overloaded(MiddlewareHost.Request("192.0.2.1"));
        _host.SecurityEventLog.Overloaded(MiddlewareHost.Request("192.0.2.1"));
        Assert.Equal([1001, 1001, 1001, 1002, 1003, 1004, 1005, 1005, 1006, 3005], _host.Log.Lines.Select(line => line.Event.Id));
        Assert.Contains("somebody@example.com", _host.Log.Lines[3].Message, StringComparison.Ordinal);
        Assert.Equal(1, _host.Counted["orion.users.not_authorized"]);
        Assert.Equal(1, _host.Counted["orion.scopes.insufficient"]);
        Assert.Equal(1, _host.Counted["orion.limits.hit/budget=session_token"]);
        Assert.Equal(2, _host.Counted["orion.requests.overloaded"]);
    }

    [Fact]
    public void A_long_origin_is_cut()
    {
        _host.SecurityEventLog.OriginRejected(MiddlewareHost.Request("192.0.2.1"), new string('x', 16_000));
        Assert.Equal($"The origin {new string('x', 200)} is not in ALLOWED_ORIGINS, from 192.0.2.1", _host.Log.Lines.Single().Message);
    }

    [Fact]
    public void Beyond_10_000_addresses_new_ones_share_a_line_and_other_kinds_keep_theirs()
    {
        var throttle = new SecurityEventThrottle(new RateLimitSettings(1, 1, TimeSpan.FromSeconds(60)), _host.Time);
        for (var i = 0L; i < 10_000; i++)
            Assert.True(throttle.IsFirstInWindow(SecurityEventKind.TokenRejected, new IPAddress(i), "expired"));
        Assert.True(throttle.IsFirstInWindow(SecurityEventKind.TokenRejected, new IPAddress(20_001L), "expired"));
        Assert.False(throttle.IsFirstInWindow(SecurityEventKind.TokenRejected, new IPAddress(20_002L), "expired"));
        Assert.True(throttle.IsFirstInWindow(SecurityEventKind.OriginRejected, new IPAddress(20_002L)));
    }

    [Fact]
    public void Operations_are_counted_and_important_ones_are_logged()
    {
        var user = UserId.New(DateTimeOffset.UnixEpoch);
        var session = SessionId.New(DateTimeOffset.UnixEpoch);
        _host.Audit.SessionCreated(session, user);
        _host.Audit.SessionChanged();
        _host.Audit.SessionArchived(session, user);
        _host.Audit.SessionRestored(session, user);
        _host.Audit.SessionDeleted(session, user);
        _host.Audit.MessageAppended();
        _host.Audit.TokensRevoked(user);
        _host.Audit.SessionTokenMinted(session, new Caller(user, Given.Address()));

        Assert.Equal(
            ["1101 SessionCreated", "1102 SessionArchived", "1103 SessionRestored", "1104 SessionDeleted", "1105 TokensRevoked", "1106 SessionTokenMinted"],
            _host.AuditLines.Lines.Select(line => $"{line.Event.Id} {line.Event.Name}"));
        Assert.Equal($"A token for session {session} of user {user} was minted", _host.AuditLines.Lines[^1].Message);
        Assert.Equal($"Session {session} of user {user} was created", _host.AuditLines.Lines[0].Message);
        foreach (var operation in new[] { "created", "changed", "archived", "restored", "deleted" })
            Assert.Equal(1, _host.Counted[$"orion.sessions.written/operation={operation}"]);
        foreach (var counter in new[] { "orion.messages.written", "orion.tokens.revoked", "orion.tokens.minted" })
            Assert.Equal(1, _host.Counted[counter]);
    }
}
