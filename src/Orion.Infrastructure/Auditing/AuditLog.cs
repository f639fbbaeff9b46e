using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Orion.Application.Messaging;
using Orion.Application.Telemetry;
using Orion.Application.Tokens;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Auditing;

/// <summary>
/// Records changes of data and issued tokens. All of them are counted (meter <c>Orion</c>). Those that an operator may have to prove are
/// logged. The event IDs (1101–1199) and their names never change. A log line never contains a token or a text of a session.
/// </summary>
internal sealed partial class AuditLog : ITokenAudit, IMetricsSource
{
    private const string Created = "created";
    private const string Changed = "changed";
    private const string Archived = "archived";
    private const string Restored = "restored";
    private const string Deleted = "deleted";

    private readonly ILogger<AuditLog> _logger;
    private readonly Counter<long> _sessions;
    private readonly Counter<long> _messages;
    private readonly Counter<long> _revocations;
    private readonly Counter<long> _minted;

    public AuditLog(ILogger<AuditLog> logger, IMeterFactory meters)
    {
        _logger = logger;
        // The factory owns the meter and disposes it with the host.
        var meter = meters.Create(OrionTelemetry.Name);
        _sessions = meter.CreateCounter<long>("orion.sessions.written", "{session}", "Sessions written, by operation.");
        _messages = meter.CreateCounter<long>("orion.messages.written", "{message}", "Messages appended.");
        _revocations = meter.CreateCounter<long>("orion.tokens.revoked", "{revocation}", "Revocations of all tokens of a user.");
        _minted = meter.CreateCounter<long>("orion.tokens.minted", "{token}", "Session tokens minted.");
    }

    public void Begin(Meter meter)
    {
        foreach (var operation in (string[])[Created, Changed, Archived, Restored, Deleted]) Count(operation, 0);
        _messages.Add(0);
        _revocations.Add(0);
        _minted.Add(0);
    }

    internal void SessionCreated(SessionId session, UserId user)
    {
        Count(Created);
        LogCreated(session, user);
    }

    /// <summary>The title, the metadata or the messages changed. This is too frequent to log.</summary>
    internal void SessionChanged() => Count(Changed);

    internal void SessionArchived(SessionId session, UserId user)
    {
        Count(Archived);
        LogArchived(session, user);
    }

    internal void SessionRestored(SessionId session, UserId user)
    {
        Count(Restored);
        LogRestored(session, user);
    }

    internal void SessionDeleted(SessionId session, UserId user)
    {
        Count(Deleted);
        LogDeleted(session, user);
    }

    internal void MessageAppended() => _messages.Add(1);

    internal void TokensRevoked(UserId user)
    {
        _revocations.Add(1);
        LogTokensRevoked(user);
    }

    public void SessionTokenMinted(SessionId session, Caller caller)
    {
        _minted.Add(1);
        LogSessionTokenMinted(session, caller.Id);
    }

    private void Count(string operation, long sessions = 1) => _sessions.Add(sessions, new KeyValuePair<string, object?>("operation", operation));

    [LoggerMessage(1101, LogLevel.Information, "Session {SessionId} of user {UserId} was created", EventName = "SessionCreated")]
    private partial void LogCreated(SessionId sessionId, UserId userId);

    [LoggerMessage(1102, LogLevel.Information, "Session {SessionId} of user {UserId} was archived", EventName = "SessionArchived")]
    private partial void LogArchived(SessionId sessionId, UserId userId);

    [LoggerMessage(1103, LogLevel.Information, "Session {SessionId} of user {UserId} was restored", EventName = "SessionRestored")]
    private partial void LogRestored(SessionId sessionId, UserId userId);

    [LoggerMessage(1104, LogLevel.Information, "Session {SessionId} of user {UserId} was deleted", EventName = "SessionDeleted")]
    private partial void LogDeleted(SessionId sessionId, UserId userId);

    [LoggerMessage(1105, LogLevel.Information, "All tokens of user {UserId} issued until now were revoked", EventName = "TokensRevoked")]
    private partial void LogTokensRevoked(UserId userId);

    [LoggerMessage(1106, LogLevel.Information, "A token for session {SessionId} of user {UserId} was minted",
        EventName = "SessionTokenMinted")]
    private partial void LogSessionTokenMinted(SessionId sessionId, UserId userId);
}
