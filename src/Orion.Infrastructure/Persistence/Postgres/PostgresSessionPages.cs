using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Reads lists of sessions with prepared statements on the same pool of connections, without EF Core
/// (docs/adr/0010-lists-of-sessions-are-read-past-ef-core.md).
/// </summary>
internal sealed class PostgresSessionPages(NpgsqlDataSource connections) : ISessionPages
{
    /// <summary>The columns that <see cref="Row"/> reads.</summary>
    internal const string Columns =
        "id, title, first_message, last_message, message_count, metadata, created_at, updated_at, archived_at, version, tokens_valid_from";

    private static readonly ConcurrentDictionary<SessionListSql, string> Statements = new();

    public Task<Page<Session>> Read(SessionList list, PageRequest<SessionPosition> page, Caller caller, CancellationToken cancellationToken) =>
        PageReader.Read<Session>(
            page.Limit,
            page.Memory,
            (last, count) => Rows(list, last is null ? page.After : list.PositionOf(last), count, caller, cancellationToken),
            session => ResponseSize.Of(session, caller),
            cancellationToken);

    private async IAsyncEnumerable<Session> Rows(
        SessionList list, SessionPosition? after, int limit, Caller caller, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var connection = connections.CreateConnection();
        await using var command = Command(list, after, limit, caller);
        command.Connection = connection;
        await connection.OpenAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) yield return Row(reader, caller.Id);
    }

    private static NpgsqlCommand Command(SessionList list, SessionPosition? after, int limit, Caller caller)
    {
        var command = new NpgsqlCommand(Statements.GetOrAdd(SessionListSql.For(list, after, caller), static sql => sql.Text(Columns, limitsParts: true)));
        foreach (var value in SessionListSql.Parameters(list, after, limit, caller))
        {
            command.Parameters.Add(value switch
            {
                Guid id => new NpgsqlParameter<Guid> { TypedValue = id },
                int number => new NpgsqlParameter<int> { TypedValue = number },
                DateTimeOffset instant => new NpgsqlParameter<DateTime> { TypedValue = instant.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz },
                _ => throw new InvalidOperationException($"A list has no parameter of type {value.GetType()}."),
            });
        }

        return command;
    }

    /// <summary>The session of a row.</summary>
    internal static Session Row(NpgsqlDataReader row, UserId owner) => Session.From(
        owner,
        SessionId.From(row.GetGuid(0)),
        row.IsDBNull(1) ? null : SessionTitle.From(row.GetString(1)),
        row.GetString(2),
        row.GetString(3),
        row.GetInt32(4),
        Metadata.From(row.GetString(5)),
        row.GetDateTime(6),
        row.GetDateTime(7),
        row.IsDBNull(8) ? null : row.GetDateTime(8),
        row.GetInt64(9),
        row.GetDateTime(10));
}
