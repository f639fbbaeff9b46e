using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Reads lists of sessions with prepared statements on the same pool of connections, without EF Core
/// (docs/adr/0010-lists-of-sessions-are-read-past-ef-core.md).
/// </summary>
internal sealed class PostgresSessionPages(NpgsqlDataSource connections) : ISessionPages
{
    private static readonly ConcurrentDictionary<SessionListSql, string> Statements = new();

    public Task<Page<Session>> Read(SessionList list, PageRequest<SessionPosition> page, Caller caller, CancellationToken cancellationToken) =>
        PageReader.Read<Session>(
            page.Limit,
            page.MaxBytes,
            page.Memory,
            (last, count) => Rows(list, last is null ? page.After : list.PositionOf(last), count, caller, cancellationToken),
            session => SessionView.SizeOf(session, caller),
            cancellationToken);

    private async IAsyncEnumerable<Session> Rows(
        SessionList list, SessionPosition? after, int limit, Caller caller, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var connection = connections.CreateConnection();
        await using var command = Command(list, after, limit, caller);
        command.Connection = connection;
        await connection.OpenAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) yield return PostgresSessionRow.Read(reader, caller.Id);
    }

    private static NpgsqlCommand Command(SessionList list, SessionPosition? after, int limit, Caller caller)
    {
        var command = new NpgsqlCommand(Statements.GetOrAdd(SessionListSql.For(list, after, caller), static sql => sql.Text(PostgresSessionRow.Columns, limitsParts: true)));
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
}
