using System.Text;
using System.Text.Json;
using Orion.Application.Messaging;

namespace Orion.Application.Import.Archive;

/// <summary>Reads an archive line by line, counts the lines and limits their length. Disposing it closes the stream.</summary>
internal sealed class ArchiveReader(Stream archive) : IDisposable
{
    // The longest text and the largest metadata with each character escaped as a surrogate pair: 1.4 million characters.
    private const int MaxLength = 2 * 1024 * 1024;

    private readonly StreamReader _reader = new(archive, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
    private readonly char[] _buffer = new char[16 * 1024];
    private readonly StringBuilder _line = new();
    private int _position;
    private int _end;
    private bool _endsInLine;

    /// <summary>The number of the current line, from 1.</summary>
    internal int Number { get; private set; }

    /// <summary>The approximate number of bytes read, and the total; both 0 if the stream has no length.</summary>
    internal (long Done, long Total) Position => archive.CanSeek ? (archive.Position, archive.Length) : (0, 0);

    /// <summary>Reads the next line; null at the end.</summary>
    /// <exception cref="OperationFailedException">The line is too long or not UTF-8.</exception>
    internal async ValueTask<string?> ReadLine(CancellationToken cancellationToken)
    {
        Number++;
        _line.Clear();
        while (true)
        {
            if (_position == _end && !await Fill(cancellationToken))
            {
                _endsInLine = _line.Length > 0;
                return _endsInLine ? _line.ToString() : null;
            }

            var rest = _buffer.AsSpan(_position, _end - _position);
            var end = rest.IndexOf('\n');
            _line.Append(end < 0 ? rest : rest[..end]);
            if (_line.Length > MaxLength) throw Invalid("It is longer than any line of an export.");
            _position += end < 0 ? rest.Length : end + 1;
            if (end >= 0) return _line.ToString();
        }
    }

    /// <summary>Creates the exception for the current line, or for the given one.</summary>
    internal OperationFailedException Invalid(string reason, int? line = null) =>
        new(ArchiveErrors.Invalid($"Line {line ?? Number} cannot be imported. {reason}"));

    /// <summary>Creates the exception for the current line: its text is not JSON, or else the given reason.</summary>
    internal OperationFailedException InvalidText(string reason)
    {
        try
        {
            using var json = JsonDocument.Parse(_line.ToString());
            return Invalid(reason);
        }
        catch (JsonException)
        {
            return Invalid(_endsInLine ? "It is truncated: the file ends in this line." : "It is not valid JSON.");
        }
    }

    public void Dispose() => _reader.Dispose();

    private async ValueTask<bool> Fill(CancellationToken cancellationToken)
    {
        try
        {
            _position = 0;
            _end = await _reader.ReadAsync(_buffer, cancellationToken);
            return _end > 0;
        }
        catch (DecoderFallbackException)
        {
            const string compressed = " Unpack a compressed file first.";
            throw Invalid($"This line, or one shortly after it, is not UTF-8.{(Number == 1 ? compressed : "")}");
        }
    }
}
