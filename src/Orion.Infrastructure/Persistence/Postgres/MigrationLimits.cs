using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// The timeouts of a migration's transaction. It waits only briefly for a lock, because all later requests queue up behind it. Its
/// statements have no time limit, even if the role has one.
/// </summary>
internal sealed class MigrationLimits : DbTransactionInterceptor
{
    /// <summary>Sets the timeouts. Their names are looked up, because not every version of PostgreSQL has all of them.</summary>
    internal const string Sql = """
        SELECT set_config(name, CASE name WHEN 'lock_timeout' THEN '2s' ELSE '0' END, true) FROM pg_settings
        WHERE name IN ('lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')
        """;

    public override DbTransaction TransactionStarted(DbConnection connection, TransactionEndEventData eventData, DbTransaction result)
    {
        using var command = Command(result);
        command.ExecuteNonQuery();
        return result;
    }

    public override async ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default)
    {
        await using var command = Command(result);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return result;
    }

    private static DbCommand Command(DbTransaction transaction)
    {
        var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = Sql;
        return command;
    }
}
