using Npgsql;
using Orion.Infrastructure.Backups;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>Counts the rows of the tables of a database, to compare it with its backup.</summary>
internal static class TableRows
{
    // Without the tables of extensions, which are not part of a dump, and the parts of partitioned tables, whose rows the table has.
    private const string Tables = """
        SELECT n.nspname::text, c.relname::text
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
          AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
          AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
        """;

    /// <summary>The number of rows of each table, by <see cref="BackupResult.NameOf"/>.</summary>
    internal static async Task<Dictionary<string, long>> Count(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tables = new List<(string Schema, string Name)>();
        await using (var command = new NpgsqlCommand(Tables, connection))
        {
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken)) tables.Add((row.GetString(0), row.GetString(1)));
        }

        var rows = new Dictionary<string, long>();
        foreach (var (schema, name) in tables)
        {
            rows[BackupResult.NameOf(schema, name)] =
                await connection.QueryScalar<long>($"SELECT count(*) FROM {SqlIdentifier.Quote(schema)}.{SqlIdentifier.Quote(name)}", cancellationToken);
        }

        return rows;
    }
}
