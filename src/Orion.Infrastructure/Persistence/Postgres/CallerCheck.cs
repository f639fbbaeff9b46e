using Npgsql;
using Orion.Application.Messaging;
using Orion.Infrastructure.Availability;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// The statement that fails if a caller's token is no longer valid. It is the last statement of the writes, after every lock that they wait
/// for: under READ COMMITTED it sees what was committed before it began. It reads without a lock, so that a revocation and a write never
/// wait for each other.
/// </summary>
internal static class CallerCheck
{
    private static readonly string User = Text("$1", "$2", null);
    private static readonly string UserAndSession = Text("$1", "$2", "$3");

    /// <summary>The statement, for the given names of parameters.</summary>
    /// <param name="caller">The id of the caller.</param>
    /// <param name="issuedAt">The <c>iat</c> of the token.</param>
    /// <param name="session">The session of a session token; null for a user token.</param>
    internal static string Text(string caller, string issuedAt, string? session)
    {
        // Only an error rolls back the statements before it, with and without an explicit transaction.
        var user = $"SELECT 0 / count(*) FROM authorized_users WHERE id = {caller} AND revoked_at IS NULL AND tokens_valid_from <= {issuedAt}";
        return session is null
            ? user
            : $"""
              {user} AND EXISTS (
                SELECT 1 FROM sessions
                WHERE owner_id = {caller} AND id = {session} AND archived_at IS NULL AND tokens_valid_from <= {issuedAt})
              """;
    }

    /// <summary>The statement for a batch; null for a caller without a token.</summary>
    internal static NpgsqlBatchCommand? Of(Caller? caller)
    {
        if (caller?.TokenIssuedAt is not { } issuedAt) return null;
        var check = new NpgsqlBatchCommand(caller.Scope is null ? User : UserAndSession);
        check.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = caller.Id.Value });
        check.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = issuedAt });
        if (caller.Scope is { } session) check.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = session.Value });
        return check;
    }

    /// <summary>Whether writes failed because of the check.</summary>
    internal static bool IsDenied(Exception exception) => TransientErrors.StateOf(exception) == PostgresErrorCodes.DivisionByZero;
}
