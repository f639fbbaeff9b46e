using Orion.Application.Concurrency;
using Orion.Application.Sessions;

namespace Orion.Infrastructure.Persistence;

/// <summary>Reads a page that is bounded in items and in bytes, holding no more rows than the page has.</summary>
internal static class PageReader
{
    // A reader that stops early has the rest of its rows sent all the same, so that a query asks for few.
    internal const int BatchSize = 250;

    /// <param name="limit">How many items at the most.</param>
    /// <param name="memory">Covers a large page; null where it need not be covered.</param>
    /// <param name="batch">So many items or more of the list behind an item (null: from the page's beginning), in order.</param>
    /// <param name="size">An item's size in the answer, in bytes.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    internal static async Task<Page<T>> Read<T>(
        int limit, ByteReservation? memory, Func<T?, int, IAsyncEnumerable<T>> batch, Func<T, int> size, CancellationToken cancellationToken)
        where T : class
    {
        Page<T>? page;
        while ((page = await TryRead(limit, memory, batch, size, cancellationToken)) is null)
            await memory!.WaitForRoom(ResponseSize.MaxBytes, cancellationToken);

        return page;
    }

    // Null where the page needs memory that others hold.
    private static async Task<Page<T>?> TryRead<T>(
        int limit, ByteReservation? memory, Func<T?, int, IAsyncEnumerable<T>> batch, Func<T, int> size, CancellationToken cancellationToken)
        where T : class
    {
        var items = new List<T>(Math.Min(limit, BatchSize));
        var bytes = 0;
        while (true)
        {
            // One more than wanted tells whether there are more.
            var wanted = (int)Math.Min(BatchSize, (long)limit - items.Count + 1);
            var received = 0;
            await foreach (var item in batch(items.LastOrDefault(), wanted).WithCancellation(cancellationToken))
            {
                received++;
                if (items.Count == limit) return new Page<T>(items, PageEnd.Limit);
                bytes += size(item);
                if (bytes > ResponseSize.MaxItemBytes && items.Count > 0) return new Page<T>(items, PageEnd.Size);
                if (!memory.HasRoomFor(bytes)) return null;
                items.Add(item);
            }

            if (received < wanted) return new Page<T>(items, PageEnd.Complete);
        }
    }
}
