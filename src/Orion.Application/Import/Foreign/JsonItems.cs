using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Orion.Application.Messaging;
using Orion.Domain;

namespace Orion.Application.Import.Foreign;

/// <summary>
/// Reads JSON values one by one: the items of an array, or values one after another. One value is in memory at a time, whatever the size of
/// the file. Everything before an error has been returned.
/// </summary>
/// <param name="stream">UTF-8, with or without a byte order mark.</param>
internal sealed class JsonItems(Stream stream)
{
    /// <summary>The largest value, in bytes. Images within it count.</summary>
    internal const int MaxBytes = 256 * 1024 * 1024;

    private const int BufferSize = 1024 * 1024;

    // LibreChat nests each message in the previous one.
    private const int MaxDepth = 1_000_000;

    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = MaxDepth };
    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = MaxDepth };

    private byte[] _buffer = new byte[BufferSize];
    private int _start;
    private int _end;
    private long _offset;
    private bool _isInArray;

    /// <summary>The number of the current value, from 1.</summary>
    internal int Number { get; private set; }

    /// <summary>The number of bytes read before the current value.</summary>
    internal long Position => _offset + _start;

    /// <summary>Reads all values. Each is valid until the next one is read.</summary>
    /// <exception cref="OperationFailedException">The file is cut off or invalid, or a value is too large.</exception>
    internal async IAsyncEnumerable<JsonElement> Read([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await SkipToValue(cancellationToken))
        {
            Number++;
            var length = await FindEnd(cancellationToken);
            using (var value = JsonDocument.Parse(_buffer.AsMemory(_start, length), DocumentOptions)) yield return value.RootElement;
            _start += length;
        }
    }

    private async ValueTask<bool> SkipToValue(CancellationToken cancellationToken)
    {
        while (_start < _end || await Fill(cancellationToken))
        {
            switch ((char)_buffer[_start])
            {
                case ' ' or '\t' or '\r' or '\n':
                case '\u00ef' or '\u00bb' or '\u00bf' when Position < 3:
                case ',' when _isInArray:
                    break;
                case '[' when !_isInArray:
                    _isInArray = true;
                    break;
                case ']' when _isInArray:
                    _isInArray = false;
                    break;
                default:
                    return true;
            }

            _start++;
        }

        return _isInArray ? throw Failed($"The file is cut off after {Describe(Number)}.") : false;
    }

    // The length of the value that begins at the start of the unread bytes.
    private async ValueTask<int> FindEnd(CancellationToken cancellationToken)
    {
        var state = new JsonReaderState(ReaderOptions);
        var scanned = 0;
        while (!Scan(ref state, ref scanned))
        {
            if (_end - _start > MaxBytes)
                throw Failed($"{Describe(Number)}, which begins at byte {Format(Position)}, is larger than {MaxBytes >> 20} MiB.");
            if (!await Fill(cancellationToken)) throw Failed($"The file is cut off in {Describe(Number)}, which begins at byte {Format(Position)}.");
        }

        return scanned;
    }

    private bool Scan(ref JsonReaderState state, ref int scanned)
    {
        var reader = new Utf8JsonReader(_buffer.AsSpan(_start + scanned, _end - _start - scanned), isFinalBlock: false, state);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth > 0 || reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) continue;
                scanned += (int)reader.BytesConsumed;
                return true;
            }
        }
        catch (JsonException)
        {
            throw Failed($"The file is not valid JSON at byte {Format(Position + scanned + reader.BytesConsumed)}, in {Describe(Number)}.");
        }

        scanned += (int)reader.BytesConsumed;
        state = reader.CurrentState;
        return false;
    }

    private async ValueTask<bool> Fill(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _offset += _start;
        _end -= _start;
        _start = 0;
        if (_end == _buffer.Length) Array.Resize(ref _buffer, 2 * _buffer.Length);
        var count = await stream.ReadAtLeastAsync(_buffer.AsMemory(_end), _buffer.Length - _end, throwOnEndOfStream: false, cancellationToken);
        _end += count;
        return count > 0;
    }

    private static string Describe(int number) => $"conversation {Format(number)}";

    private static string Format(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static OperationFailedException Failed(string message) =>
        new(new Error(ErrorKind.Invalid, "invalid_file", char.ToUpperInvariant(message[0]) + message[1..]));
}
