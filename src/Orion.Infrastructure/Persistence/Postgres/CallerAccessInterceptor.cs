using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Lets the statements of SaveChanges fail where the caller's token does not count any more. The check goes with them in one round trip,
/// behind every lock that they wait for, and is the last one: under READ COMMITTED it sees what was committed before it began. It reads
/// without a lock, so that a revocation and a write never wait for each other.
/// </summary>
internal sealed class CallerAccessInterceptor : DbCommandInterceptor
{
    // An error is what takes back the statements before it, whether they stand in a transaction of their own or not.
    private const string User = """
        SELECT 0 / count(*) FROM authorized_users
        WHERE id = @caller_id AND revoked_at IS NULL AND tokens_valid_from <= @token_issued_at
        """;

    private const string Session = """

          AND EXISTS (
            SELECT 1 FROM sessions
            WHERE owner_id = @caller_id AND id = @caller_session AND archived_at IS NULL AND tokens_valid_from <= @token_issued_at)
        """;

    /// <summary>Whether SaveChanges failed by the check.</summary>
    internal static bool IsNotMet(DbUpdateException exception) =>
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
