using System.Data.Common;
using System.Globalization;
using System.Text;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>One database of Orion's, and what a test asks of it behind Orion's back.</summary>
public abstract class TestDatabase : IAsyncDisposable
{
    /// <summary>What Orion calls the system: <c>postgresql</c> or <c>sqlite</c>.</summary>
    public abstract string System { get; }

    /// <summary>The settings that lead Orion to it.</summary>
    public abstract IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>A password that must not turn up anywhere; null where there is none.</summary>
    public virtual string? Password => null;

    /// <summary>An expression for the rest of the text in SQL: a UUID.</summary>
    public abstract object Id(Guid id);

    /// <summary>An instant as the tables hold it.</summary>
    public abstract object Instant(DateTimeOffset instant);

    /// <summary>Takes away everything but the schema and the allow-list.</summary>
    public abstract Task Reset();

    /// <summary>Keeps writers from a session, in a transaction that lasts until it is committed or disposed of.</summary>
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

    /// <summary>Everything that clients have written, as one text: two that are equal mean that nothing has changed between them.</summary>
    public async Task<string> Snapshot()
    {
        var all = new StringBuilder();
        foreach (var table in await Tables())
        {
            var rows = await Query($"SELECT * FROM \"{table}\"");
            all.Append(table).Append(':').Append(rows.Count).AppendLine();
            foreach (var row in rows.Order(StringComparer.Ordinal)) all.AppendLine(row);
        }

        return all.ToString();
    }

    /// <summary>Puts someone on the allow-list, as the operator's command would.</summary>
    public Task Authorize(string email, DateTimeOffset now) => Execute(
        "INSERT INTO authorized_users (id, email, source, authorized_at, revoked_at, tokens_valid_from) VALUES (@p0, @p1, 'granted', @p2, NULL, @p3)",
        Id(Guid.CreateVersion7(now)), email, Instant(now), Instant(DateTimeOffset.UnixEpoch));

    /// <summary>The tables that clients' requests write: all but the allow-list and EF Core's own.</summary>
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
