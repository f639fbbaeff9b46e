using CsCheck;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Fixtures;

/// <summary>All lists, and all positions in them.</summary>
internal static class ListGenerators
{
    private static readonly Gen<DateTimeOffset> Timestamps =
        Gen.Long[0, DateTimeOffset.MaxValue.Ticks].Select(ticks => new DateTimeOffset(ticks, TimeSpan.Zero));

    private static readonly Gen<SessionId> Ids =
        Gen.Byte.Array[16].Where(bytes => bytes.Any(value => value != 0)).Select(bytes => SessionId.From(new Guid(bytes)));

    internal static readonly Gen<SessionList> SessionLists = Gen.Select(
        Gen.Int[0, 11], Gen.Int[0, 3], Timestamps, Timestamps,
        (kind, bounds, from, to) => new SessionList(
            (SessionSort)(kind % 2),
            (SortOrder)(kind / 2 % 2),
            (ArchivedFilter)(kind / 4),
            bounds % 2 == 0 ? null : from,
            bounds / 2 == 0 ? null : to));

    internal static readonly Gen<SessionPosition> Places = Gen.Select(Timestamps, Ids, (at, id) => new SessionPosition(at, id));

    internal static readonly Gen<MessageList> MessageLists =
        Gen.Select(Ids, Gen.Int[0, 1], (id, order) => new MessageList(id, (SortOrder)order));
}
