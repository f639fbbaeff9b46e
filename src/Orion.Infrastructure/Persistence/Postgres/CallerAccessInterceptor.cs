using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Makes SaveChanges fail if the caller's token is no longer valid. The check is the last statement of the same round trip, after every
/// lock that the other statements wait for: under READ COMMITTED it sees what was committed before it began. It reads without a lock, so
/// that a revocation and a write never wait for each other.
/// </summary>
internal sealed class CallerAccessInterceptor : DbCommandInterceptor
{
    // Only an error rolls back the statements before it, with and without an explicit transaction.
    private const string User = """
        SELECT 0 / count(*) FROM authorized_users
        WHERE id = @caller_id AND revoked_at IS NULL AND tokens_valid_from <= @token_issued_at
        """;

    private const string Session = """

          AND EXISTS (
            SELECT 1 FROM sessions
            WHERE owner_id = @caller_id AND id = @caller_session AND archived_at IS NULL AND tokens_valid_from <= @token_issued_at)
        """;

    /// <summary>Whether SaveChanges failed because of the check.</summary>
    internal static bool IsDenied(DbUpdateException exception) =>
        exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.DivisionByZero };

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        if (eventData is { CommandSource: CommandSource.SaveChanges, Context: OrionDbContext { CheckedCaller: { TokenIssuedAt: { } issuedAt } caller } })
        {
            command.CommandText += caller.Scope is null ? User : User + Session;
            command.Parameters.Add(new NpgsqlParameter<Guid>("caller_id", caller.Id.Value));
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("token_issued_at", issuedAt));
            if (caller.Scope is { } session) command.Parameters.Add(new NpgsqlParameter<Guid>("caller_session", session.Value));
        }

        return new(result);
    }
}
