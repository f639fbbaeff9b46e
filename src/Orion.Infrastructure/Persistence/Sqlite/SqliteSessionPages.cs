using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;

namespace Orion.Infrastructure.Persistence.Sqlite;

/// <summary>Reads lists of sessions with EF Core.</summary>
internal sealed class SqliteSessionPages(OrionDbContext context) : ISessionPages
{
    public Task<Page<Session>> Read(SessionList list, PageRequest<SessionPosition> page, Caller caller, CancellationToken cancellationToken) =>
        PageReader.Read<Session>(
            page.Limit,
            page.MaxBytes,
            page.Memory,
            (last, count) => Rows(list, last is null ? page.After : list.PositionOf(last), count, caller).AsAsyncEnumerable(),
            session => SessionView.SizeOf(session, caller),
            cancellationToken);

    private IQueryable<Session> Rows(SessionList list, SessionPosition? after, int limit, Caller caller)
    {
        var values = SessionListSql.Parameters(list, after, limit, caller)
            .Select((value, n) => new SqliteParameter($"${n + 1}", value is DateTimeOffset instant ? SqliteDbContext.Microseconds.Of(instant) : value));
        return context.Sessions.FromSqlRaw(SessionListSql.For(list, after, caller).Text("*", limitsParts: false), [.. values]).AsNoTracking();
    }
}
