using Microsoft.EntityFrameworkCore;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;

namespace Orion.Infrastructure.Persistence;

/// <summary>Reads lists of sessions through EF Core.</summary>
internal sealed class SessionPages(OrionDbContext context) : ISessionPages
{
    public Task<Page<Session>> Read(SessionList list, PageRequest<SessionPosition> page, Caller caller, CancellationToken cancellationToken) =>
        PageReader.Read<Session>(
            page.Limit,
            page.Memory,
            (last, wanted) => context.Sessions.Of(caller).AsNoTracking()
                .InList(list, last is null ? page.After : list.PositionOf(last)).Take(wanted).AsAsyncEnumerable(),
            session => ResponseSize.Of(session, caller),
            cancellationToken);
}
