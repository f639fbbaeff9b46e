using System.Text;
using Orion.Cli.Execution;

namespace Orion.Cli.Import;

/// <summary>Reads the lines of a file one by one, counting them, none longer than a line of an export can be.</summary>
internal sealed class ArchiveLines(StreamReader reader) : IDisposable
{
    // The longest text and the largest metadata, each character written as an escape of a pair, are 1.4 million.
    private const int MaxLength = 2 * 1024 * 1024;

    private const int BeginningLength = 64 * 1024;

    private readonly char[] _buffer = new char[16 * 1024];
    private readonly StringBuilder _line = new();
    private int _at;
    private int _end;

    /// <summary>The number of the line that was read last, from 1 on.</summary>
    internal int Number { get; private set; }

    /// <summary>How far in bytes, about, and of how many; both 0 where that is not known.</summary>
    internal (long Done, long Of) Position => reader.BaseStream.CanSeek ? (reader.BaseStream.Position, reader.BaseStream.Length) : (0, 0);

    /// <summary>The next line; null at the end.</summary>
    /// <exception cref="CommandRefusedException">It is too long, or no UTF-8.</exception>
    internal async ValueTask<string?> Next(CancellationToken cancellationToken)
    {
        Number++;
        _line.Clear();
        while (true)
        {
            if (_at == _end && !await Fill(cancellationToken)) return _line.Length > 0 ? _line.ToString() : null;
            var rest = _buffer.AsSpan(_at, _end - _at);
            var end = rest.IndexOf('\n');
            _line.Append(end < 0 ? rest : rest[..end]);
            if (_line.Length > MaxLength) throw Wrong("It is longer than any line of an export.");
            _at += end < 0 ? rest.Length : end + 1;
            if (end >= 0) return _line.ToString();
        }
    }

    /// <summary>What the line that was read last begins with, and what is behind it: enough to tell what sort of file it is.</summary>
    internal async Task<string> Beginning(CancellationToken cancellationToken)
    {
        var text = new StringBuilder(_line.ToString(0, Math.Min(_line.Length, BeginningLength)));
        if (_line.Length <= BeginningLength) text.Append('\n');
        while (text.Length < BeginningLength && (_at < _end || await Fill(cancellationToken)))
        {
            text.Append(_buffer, _at, _end - _at);
            _at = _end;
        }

        return text.ToString();
    }

    /// <summary>A refusal that names the line that was read last.</summary>
    internal CommandRefusedException Wrong(string why, int? line = null) => new($"Line {line ?? Number} cannot be taken over. {why}");

    public void Dispose() => reader.Dispose();

    private async ValueTask<bool> Fill(CancellationToken cancellationToken)
    {
        try
        {
            _at = 0;
            _end = await reader.ReadAsync(_buffer, cancellationToken);
            return _end > 0;
        }
        catch (DecoderFallbackException)
        {
            const string compressed = " A compressed file is unpacked first; in ChatGPT's ZIP the chats are conversations.json.";
            throw Wrong($"This line, or one shortly after it, is not UTF-8.{(Number == 1 ? compressed : "")}");
        }
    }
}
