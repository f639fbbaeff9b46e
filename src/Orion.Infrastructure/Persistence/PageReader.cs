using Orion.Application.Concurrency;
using Orion.Application.Sessions;

namespace Orion.Infrastructure.Persistence;

/// <summary>Reads a page that is limited in items and in bytes. Holds no more rows than the page has.</summary>
internal static class PageReader
{
    // The database sends all rows of a query, even if the reader stops early. So a query asks for few.
    internal const int BatchSize = 250;

    /// <param name="limit">The maximum number of items.</param>
    /// <param name="maxBytes">The maximum size of the items, in bytes. A single item may be larger.</param>
    /// <param name="memory">Reserves memory for a large page; null for no reservation.</param>
    /// <param name="batch">Queries the items after the given one (null: from the start of the page), in order, and at least the given number if there are as many.</param>
    /// <param name="size">The size of an item in the response, in bytes.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    internal static async Task<Page<T>> Read<T>(
        int limit, int maxBytes, ByteReservation? memory, Func<T?, int, IAsyncEnumerable<T>> batch, Func<T, int> size, CancellationToken cancellationToken)
        where T : class
    {
        Page<T>? page;
        while ((page = await TryRead(limit, maxBytes, memory, batch, size, cancellationToken)) is null)
            await memory!.WaitForRoom(ResponseSize.MaxBytes, cancellationToken);

        return page;
    }

    // Null if the page needs memory that others hold.
    private static async Task<Page<T>?> TryRead<T>(
        int limit, int maxBytes, ByteReservation? memory, Func<T?, int, IAsyncEnumerable<T>> batch, Func<T, int> size, CancellationToken cancellationToken)
        where T : class
    {
        var items = new List<T>(Math.Min(limit, BatchSize));
        var bytes = 0;
        while (true)
        {
            // One more than needed, to find out whether there are more.
            var wanted = (int)Math.Min(BatchSize, (long)limit - items.Count + 1);
            var received = 0;
            await foreach (var item in batch(items.LastOrDefault(), wanted).WithCancellation(cancellationToken))
            {
                received++;
                if (items.Count == limit) return new Page<T>(items, PageEnd.Limit);
                bytes += size(item);
                if (bytes > maxBytes && items.Count > 0) return new Page<T>(items, PageEnd.Size);
                if (!memory.HasRoomFor(bytes)) return null;
                items.Add(item);
            }

            if (received < wanted) return new Page<T>(items, PageEnd.Complete);
        }
    }
}
