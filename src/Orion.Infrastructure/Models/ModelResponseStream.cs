namespace Orion.Infrastructure.Models;

/// <summary>
/// The body of the model's response, read in complete lines. It limits the size and the silence, and rewrites what the library cannot
/// read: empty members (<see cref="EmptyMembers"/>) and unpaired surrogates (<see cref="UnpairedSurrogates"/>).
/// </summary>
internal sealed class ModelResponseStream(Stream inner, StallLimit stall) : Stream
{
    /// <summary>The largest response, in bytes.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    private const int MinRead = 4 * 1024;

    // Of the buffer, [_start, _lines) are complete lines and [_lines, _end) is the beginning of the next one.
    private byte[] _buffer = new byte[2 * MinRead];
    private int _start;
    private int _lines;
    private int _end;
    private int _total;
    private ReadOnlyMemory<byte> _ready;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0) return 0;
        if (_ready.Length == 0) await ReadLines(cancellationToken);
        var count = Math.Min(buffer.Length, _ready.Length);
        _ready[..count].CopyTo(buffer);
        _ready = _ready[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Reading is asynchronous.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask ReadLines(CancellationToken cancellationToken)
    {
        _start = _lines;
        while (_lines == _start)
        {
            MakeRoom();
            var count = await stall.Wait(token => inner.ReadAsync(_buffer.AsMemory(_end), token), cancellationToken);
            if (count > MaxBytes - _total)
                throw new ModelUnavailableException($"The provider's response is larger than {MaxBytes / (1024 * 1024)} MiB.");
            _total += count;
            var lineBreak = _buffer.AsSpan(_end, count).LastIndexOf((byte)'\n');
            if (lineBreak >= 0) _lines = _end + lineBreak + 1;
            _end += count;
            if (count > 0) continue;

            // The end. What follows the last line break is an incomplete line.
            _lines = _end;
            break;
        }

        EmptyMembers.Rename(_buffer.AsSpan(_start.._lines));
        _ready = UnpairedSurrogates.Encode(_buffer.AsMemory(_start.._lines));
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_lines, _end, _start) = (_lines - _start, _end - _start, 0);
        }

        if (_buffer.Length - _end < MinRead) Array.Resize(ref _buffer, 2 * _buffer.Length);
    }
}
