using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Reads lists of sessions with prepared statements on the same pool of connections, without EF Core
/// (docs/adr/0010-lists-of-sessions-are-read-past-ef-core.md). Like <see cref="SessionQueries"/>, each statement is restricted to the
/// caller's own rows.
/// </summary>
internal sealed class PostgresSessionPages(NpgsqlDataSource connections) : ISessionPages
{
    private static readonly int[] Limits = [3, 11, 26, 51, 101, PageReader.BatchSize];
    private static readonly ConcurrentDictionary<Shape, string> Statements = new();

    public Task<Page<Session>> Read(SessionList list, PageRequest<SessionPosition> page, Caller caller, CancellationToken cancellationToken) =>
        PageReader.Read<Session>(
            page.Limit,
            page.Memory,
            (last, wanted) => Rows(list, last is null ? page.After : list.PositionOf(last), wanted, caller, cancellationToken),
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
        while (await reader.ReadAsync(cancellationToken)) yield return Row(reader, caller);
    }

    private static NpgsqlCommand Command(SessionList list, SessionPosition? after, int limit, Caller caller)
    {
        var shape = new Shape(list.Sort, list.Order, list.Archived, list.From is not null, list.To is not null, after is not null, caller.Scope is not null);
        // With the limit as a parameter, PostgreSQL would plan the statement each time. With any limit as a literal, each connection would
        // prepare too many statements. So there are a few limits, which may read a few rows too many.
        var rows = Limits.First(most => most >= limit);
        var statement = Statements.GetOrAdd(shape, static shape => shape.Statement());
        var command = new NpgsqlCommand(string.Create(CultureInfo.InvariantCulture, $"{statement} LIMIT {rows}"));
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = caller.Id.Value });
        if (caller.Scope is { } only) command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = only.Value });
        if (list.From is { } from) command.Parameters.Add(Instant(from));
        if (list.To is { } to) command.Parameters.Add(Instant(to));
        if (after is { } position)
        {
            command.Parameters.Add(Instant(position.At));
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = position.Id.Value });
        }

        return command;
    }

    private static NpgsqlParameter<DateTime> Instant(DateTimeOffset instant) =>
        new() { TypedValue = instant.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz };

    // In the order of Shape.Columns.
    private static Session Row(NpgsqlDataReader row, Caller owner) => Session.From(
        owner.Id,
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

    /// <summary>What determines the text of the statement; everything else is in its parameters.</summary>
    private readonly record struct Shape(
        SessionSort Sort, SortOrder Order, ArchivedFilter Archived, bool HasFrom, bool HasTo, bool HasPosition, bool HasScope)
    {
        private const string Columns =
            "id, title, first_message, last_message, message_count, metadata, created_at, updated_at, archived_at, version, tokens_valid_from";

        internal string Statement()
        {
            var number = 1;
            var sort = Sort == SessionSort.UpdatedAt ? "updated_at" : "created_at";
            var (direction, behind) = Order == SortOrder.Descending ? ("DESC", "<") : ("ASC", ">");
            var archived = Archived switch
            {
                ArchivedFilter.Exclude => " AND archived_at IS NULL",
                ArchivedFilter.Only => " AND archived_at IS NOT NULL",
                _ => "",
            };
            var scope = HasScope ? $" AND id = ${++number}" : "";
            var from = HasFrom ? $" AND created_at >= ${++number}" : "";
            var to = HasTo ? $" AND created_at <= ${++number}" : "";
            var position = HasPosition ? $" AND ({sort}, id) {behind} (${++number}, ${++number})" : "";
            return $"SELECT {Columns} FROM sessions WHERE owner_id = $1{scope}{archived}{from}{to}{position} ORDER BY {sort} {direction}, id {direction}";
        }
    }
}
