using System.IO.Compression;
using System.Text.RegularExpressions;
using Orion.Application.Import.Foreign;
using Orion.Application.Messaging;
using Orion.Domain;

namespace Orion.Application.Import;

/// <summary>
/// A file to import: an archive of Orion, or the export of another program. Its beginning tells which. Disposing it closes the stream.
/// </summary>
public sealed partial class ImportFile : IAsyncDisposable
{
    private const int BeginningLength = 64 * 1024;

    private readonly ZipArchive? _zip;

    private ImportFile(Stream content, string? program, ZipArchive? zip, IReadOnlyList<(Func<Stream> Open, long Length)> parts)
    {
        Content = content;
        Program = program;
        Parts = parts;
        _zip = zip;
    }

    /// <summary>The whole file.</summary>
    public Stream Content { get; }

    /// <summary>The program that exported it; null for an archive of Orion, or if no format was recognized.</summary>
    public string? Program { get; }

    /// <summary>Whether it is an export without conversations, which does not tell its program.</summary>
    public bool IsEmpty => Parts.Count == 0;

    /// <summary>The JSON files in it, in their order, and their lengths in bytes, 0 if it is not known.</summary>
    internal IReadOnlyList<(Func<Stream> Open, long Length)> Parts { get; }

    /// <summary>The total length of <see cref="Parts"/>, in bytes.</summary>
    internal long Length => Parts.Sum(part => part.Length);

    /// <summary>Recognizes the format of a file.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="OperationFailedException">Orion cannot import it.</exception>
    public static async Task<ImportFile> Open(Stream stream, CancellationToken cancellationToken)
    {
        var (beginning, content) = await Peek(stream, cancellationToken);
        if (beginning.Span.StartsWith("PK\u0003\u0004"u8)) return await OpenZip(content, cancellationToken);
        if (ForeignFormats.IsEmptyList(beginning.Span)) return new ImportFile(content, program: null, zip: null, []);
        var program = ForeignFormats.Recognize(beginning.Span);
        return new ImportFile(content, ThrowIfUnknown(program), zip: null, [(() => content, content.CanSeek ? content.Length : 0)]);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _zip?.Dispose();
        return Content.DisposeAsync();
    }

    private static async Task<ImportFile> OpenZip(Stream content, CancellationToken cancellationToken)
    {
        if (!content.CanSeek) throw Invalid("A ZIP file cannot be read from standard input. Give its name, or unpack it first.");
        try
        {
            var zip = new ZipArchive(content, ZipArchiveMode.Read);
            var entries = zip.Entries.Where(entry => Conversations().IsMatch(entry.Name)).OrderBy(entry => entry.FullName, StringComparer.Ordinal).ToList();
            if (entries.Count == 0) throw Invalid("The ZIP file has no conversations.json. Unpack it, and give the file with the chats.");
            foreach (var entry in entries)
            {
                await using var stream = entry.Open();
                var (beginning, _) = await Peek(stream, cancellationToken);
                if (ForeignFormats.IsEmptyList(beginning.Span)) continue;
                var program = ThrowIfUnknown(ForeignFormats.Recognize(beginning.Span))
                    ?? throw Invalid($"The format of conversations.json in the ZIP file is not known. {ForeignFormats.Readable}");
                return new ImportFile(content, program, zip, [.. entries.Select(part => ((Func<Stream>)part.Open, part.Length))]);
            }

            return new ImportFile(content, program: null, zip, []);
        }
        catch (InvalidDataException)
        {
            throw DamagedZip();
        }
    }

    private static string? ThrowIfUnknown(string? program) => program == ForeignFormats.Claude
        ? throw Invalid($"This is an export of {program}, which Orion cannot import. {ForeignFormats.Readable}")
        : program;

    // Returns the beginning of a stream, and a stream with all of it.
    private static async Task<(ReadOnlyMemory<byte> Beginning, Stream All)> Peek(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[BeginningLength];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        var beginning = buffer.AsMemory(0, length);
        if (!stream.CanSeek) return (beginning, new ReplayedStream(beginning, stream));
        stream.Position = 0;
        return (beginning, stream);
    }

    /// <summary>A ZIP file cannot be read.</summary>
    internal static OperationFailedException DamagedZip() => Invalid("The ZIP file is damaged or cut off.");

    private static OperationFailedException Invalid(string message) => new(new Error(ErrorKind.Invalid, "invalid_file", message));

    // Large exports are split into conversations-000.json and so on.
    [GeneratedRegex(@"^conversations(-\d+)?\.json$")]
    private static partial Regex Conversations();
}

/// <summary>Reads the beginning again, and then the rest.</summary>
internal sealed class ReplayedStream(ReadOnlyMemory<byte> beginning, Stream rest) : Stream
{
    private ReadOnlyMemory<byte> _beginning = beginning;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_beginning.IsEmpty) return rest.ReadAsync(buffer, cancellationToken);
        var count = Math.Min(buffer.Length, _beginning.Length);
        _beginning[..count].CopyTo(buffer);
        _beginning = _beginning[count..];
        return ValueTask.FromResult(count);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await rest.DisposeAsync();
        await base.DisposeAsync();
    }
}
