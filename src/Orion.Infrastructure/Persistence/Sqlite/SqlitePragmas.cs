using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Orion.Infrastructure.Persistence.Sqlite;

/// <summary>Configures each connection: SQLite enforces foreign keys, and waits for the writes of other processes.</summary>
internal sealed class SqlitePragmas : DbConnectionInterceptor
{
    private const string Pragmas = "PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;";

    internal static void Apply(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
    }

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Apply(connection);

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        // SQLite's provider works synchronously.
        ConnectionOpened(connection, eventData);
        return Task.CompletedTask;
    }
}
