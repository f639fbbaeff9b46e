using System.Buffers;
using Orion.Application.Concurrency;

namespace Orion.Api.Http;

/// <summary>
/// Bytes in blocks out of the pool and back into it: as much memory as there are bytes, whether they come slowly or go slowly, and
/// nothing for the garbage collector to keep as one large array.
/// </summary>
internal sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    private const int FirstBlockSize = 16 * 1024;
    private const int BlockSize = 64 * 1024;

    // So much of a block may be left empty: a JSON writer asks for this at least.
    private const int Remnant = 4 * 1024;

    // The blocks before the last one, full or nearly so.
    private Queue<ArraySegment<byte>>? _full;
    private byte[] _block = ArrayPool<byte>.Shared.Rent(FirstBlockSize);
    private int _written;

    // Lent where a writer wants more than a block at once, because it does not know yet how much it will write.
    private byte[]? _lent;

    /// <summary>How many bytes it holds.</summary>
    internal int Length { get; private set; }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        TakeBack();
        var left = _block.Length - _written;
        if (Math.Max(sizeHint, 1) <= left) return _block.AsMemory(_written);
        if (left >= Remnant || sizeHint > BlockSize) return _lent = ArrayPool<byte>.Shared.Rent(sizeHint);
        NextBlock();
        return _block;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Advance(int count)
    {
        if (_lent is null)
        {
            _written += count;
            Length += count;
            return;
        }

        var lent = _lent;
        _lent = null;
        this.Write(lent.AsSpan(0, count));
        Return(lent);
    }

    /// <summary>Writes everything, and lets go of each block, and of its part of the memory, as soon as it is taken.</summary>
    internal async Task MoveTo(Stream stream, ByteReservation memory, CancellationToken cancellationToken)
    {
        while (_full?.Count > 0)
        {
            await stream.WriteAsync(_full.Peek(), cancellationToken);
            var taken = _full.Dequeue();
            Length -= taken.Count;
            Return(taken.Array!);
            memory.ShrinkTo(Length);
        }

        await stream.WriteAsync(_block.AsMemory(0, _written), cancellationToken);
    }

    /// <summary>Everything in one piece, until the buffer is disposed of.</summary>
    internal ReadOnlyMemory<byte> Join()
    {
        if (_full is not null)
        {
            var all = ArrayPool<byte>.Shared.Rent(Length);
            var joined = 0;
            while (_full.TryDequeue(out var block))
            {
                block.CopyTo(all, joined);
                joined += block.Count;
                Return(block.Array!);
            }

            _block.AsSpan(0, _written).CopyTo(all.AsSpan(joined));
            Return(_block);
            (_full, _block, _written) = (null, all, Length);
        }

        return _block.AsMemory(0, _written);
    }

    public void Dispose()
    {
        while (_full is not null && _full.TryDequeue(out var block)) Return(block.Array!);
        Return(_block);
        TakeBack();
    }

    private void NextBlock()
    {
        (_full ??= []).Enqueue(new ArraySegment<byte>(_block, 0, _written));
        _block = ArrayPool<byte>.Shared.Rent(BlockSize);
        _written = 0;
    }

    private void TakeBack()
    {
        if (_lent is not null) Return(_lent);
        _lent = null;
    }

    // What people have written does not lie about for whoever rents the array next.
    private static void Return(byte[] bytes) => ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
}
