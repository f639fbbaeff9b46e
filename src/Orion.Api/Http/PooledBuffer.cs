using System.Buffers;
using Orion.Application.Concurrency;

namespace Orion.Api.Http;

/// <summary>
/// A buffer of blocks from the array pool. It uses as much memory as it has bytes, and allocates no large array.
/// </summary>
internal sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    private const int FirstBlockSize = 16 * 1024;
    private const int BlockSize = 64 * 1024;

    // The largest unused end of a block. A JSON writer requests at least this much.
    private const int Remnant = 4 * 1024;

    // The blocks before the last one.
    private Queue<ArraySegment<byte>>? _full;
    private byte[] _block = ArrayPool<byte>.Shared.Rent(FirstBlockSize);
    private int _written;

    // Rented if the requested size does not fit into the current block. Advance copies the written part into blocks.
    private byte[]? _oversized;

    /// <summary>The number of bytes.</summary>
    internal int Length { get; private set; }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        ReturnOversized();
        var left = _block.Length - _written;
        if (Math.Max(sizeHint, 1) <= left) return _block.AsMemory(_written);
        if (left >= Remnant || sizeHint > BlockSize) return _oversized = ArrayPool<byte>.Shared.Rent(sizeHint);
        NextBlock();
        return _block;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Advance(int count)
    {
        if (_oversized is null)
        {
            _written += count;
            Length += count;
            return;
        }

        var oversized = _oversized;
        _oversized = null;
        this.Write(oversized.AsSpan(0, count));
        Return(oversized);
    }

    /// <summary>Writes all bytes to a stream, and releases each block and its reservation as soon as it is written.</summary>
    internal async Task MoveTo(Stream stream, ByteReservation memory, CancellationToken cancellationToken)
    {
        while (_full?.Count > 0)
        {
            await stream.WriteAsync(_full.Peek(), cancellationToken);
            var written = _full.Dequeue();
            Length -= written.Count;
            Return(written.Array!);
            memory.ShrinkTo(Length);
        }

        await stream.WriteAsync(_block.AsMemory(0, _written), cancellationToken);
    }

    /// <summary>All bytes as one block, which is valid until the buffer is disposed.</summary>
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
        ReturnOversized();
    }

    private void NextBlock()
    {
        (_full ??= []).Enqueue(new ArraySegment<byte>(_block, 0, _written));
        _block = ArrayPool<byte>.Shared.Rent(BlockSize);
        _written = 0;
    }

    private void ReturnOversized()
    {
        if (_oversized is not null) Return(_oversized);
        _oversized = null;
    }

    // Cleared, so that the next renter of the array cannot read the content.
    private static void Return(byte[] bytes) => ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
}
