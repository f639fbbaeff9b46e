using System.Data.Common;
using System.Globalization;
using System.Text;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>A database of Orion, with direct access for tests.</summary>
public abstract class TestDatabase : IAsyncDisposable
{
    /// <summary>Orion's name of the system: <c>postgresql</c> or <c>sqlite</c>.</summary>
    public abstract string System { get; }

    /// <summary>The settings with which Orion uses it.</summary>
    public abstract IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>The password, which must not appear anywhere; null if there is none.</summary>
    public virtual string? Password => null;

    /// <summary>A UUID as the value of a parameter.</summary>
    public abstract object Id(Guid id);

    /// <summary>An instant as the value of a parameter.</summary>
    public abstract object Instant(DateTimeOffset instant);

    /// <summary>Deletes everything except the schema and the allow-list.</summary>
    public abstract Task Reset();

    /// <summary>Locks a session in a transaction, until that is committed or disposed of.</summary>
    public abstract Task<DbConnection> Hold(string session);

    public abstract ValueTask DisposeAsync();

    /// <summary>Runs a statement; the parameters are @p0, @p1 …</summary>
    public async Task<int> Execute(string sql, params object[] parameters)
    {
        await using var connection = await Open();
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>Reads rows as texts.</summary>
    public async Task<IReadOnlyList<string>> Query(string sql, params object[] parameters)
    {
        await using var connection = await Open();
        await using var command = Command(connection, sql, parameters);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            var row = new StringBuilder();
            for (var i = 0; i < reader.FieldCount; i++)
            {
                var value = reader.GetValue(i);
                row.Append(value is byte[] bytes ? Convert.ToHexString(bytes) : Convert.ToString(value, CultureInfo.InvariantCulture)).Append('|');
            }

            rows.Add(row.ToString());
        }

        return rows;
    }

    /// <summary>All data that clients have written, as one text to compare.</summary>
    public async Task<string> Snapshot()
    {
        var all = new StringBuilder();
        foreach (var table in await Tables())
        {
            var columns = table switch
            {
                // The service increases the lease of a running reply by itself.
                "replies" => "owner_id, session_id, id, message_id, status, finish_reason, error, model, created_at, finished_at",
                // SQLite also numbers the texts.
                "search_documents" => "owner_id, session_id, sequence, period, created_at",
                _ => "*",
            };
            var rows = await Query($"SELECT {columns} FROM \"{table}\"");
            all.Append(table).Append(':').Append(rows.Count).AppendLine();
            foreach (var row in rows.Order(StringComparer.Ordinal)) all.AppendLine(row);
        }

        return all.ToString();
    }

    /// <summary>Adds a user to the allow-list, as the operator's command does.</summary>
    public Task Authorize(string email, DateTimeOffset now) => Execute(
        "INSERT INTO authorized_users (id, email, source, authorized_at, revoked_at, tokens_valid_from) VALUES (@p0, @p1, 'granted', @p2, NULL, @p3)",
        Id(Guid.CreateVersion7(now)), email, Instant(now), Instant(DateTimeOffset.UnixEpoch));

    /// <summary>The tables that requests write: all except the allow-list and those of EF Core.</summary>
    protected abstract Task<IReadOnlyList<string>> Tables();

    protected abstract Task<DbConnection> Open();

    private static DbCommand Command(DbConnection connection, string sql, object[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < parameters.Length; i++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = $"@p{i}";
            parameter.Value = parameters[i];
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
