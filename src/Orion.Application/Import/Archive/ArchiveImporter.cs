using Orion.Application.Export;
using Orion.Application.Import.Foreign;
using Orion.Application.Messaging;
using Orion.Application.Users;
using Orion.Domain.Users;

namespace Orion.Application.Import.Archive;

/// <summary>
/// Imports an archive, user after user, in constant memory. Each batch is a command with its own transaction. An interrupted import
/// continues where it stopped if it is run again.
/// </summary>
/// <param name="dispatcher">Runs the commands.</param>
/// <param name="newOwner">The user who becomes the owner of all sessions; null for the users that the archive names.</param>
/// <param name="dryRun">Whether to write nothing and only count.</param>
public sealed class ArchiveImporter(IDispatcher dispatcher, EmailAddress? newOwner, bool dryRun)
{
    private readonly List<ArchiveUserImport> _users = [];

    /// <summary>The result for each user so far, in the order of the archive.</summary>
    public IReadOnlyList<ArchiveUserImport> Users => _users;

    /// <summary>Imports all lines.</summary>
    /// <param name="archive">The archive; it is closed at the end.</param>
    /// <param name="progress">Receives the number of bytes read and the total, if the stream has a length.</param>
    /// <param name="cancellationToken">Cancels the import.</param>
    /// <exception cref="OperationFailedException">A line is invalid or the end is missing. The lines before it have been imported.</exception>
    public async Task Run(Stream archive, IProgress<(long Done, long Total)> progress, CancellationToken cancellationToken)
    {
        using var reader = new ArchiveReader(archive);
        var usersToCome = 1;
        while (await reader.ReadLine(cancellationToken) is { } first)
        {
            var user = await Begin(ArchiveLine.Read(first), reader, cancellationToken);
            _users.Add(user);
            usersToCome = await Import(user, reader, progress, cancellationToken);
        }

        if (_users.Count == 0) throw new OperationFailedException(ArchiveErrors.Invalid("The file is empty."));
        if (usersToCome > 0) throw reader.Invalid("The file is incomplete: it ends here, but more users must follow.");
    }

    private async Task<ArchiveUserImport> Begin(ArchiveLine? line, ArchiveReader reader, CancellationToken cancellationToken)
    {
        if (line is not ArchiveStart { Format: ArchiveStart.CurrentFormat } start || !EmailAddress.TryParse(start.UserId, out var userInArchive))
        {
            const string reason = $"It does not begin an export in a format that this version of Orion knows. {ForeignFormats.Readable}";
            // The JSON of another program may have several lines, and the first of them is not valid JSON.
            throw reader.Number == 1 ? reader.Invalid(reason) : reader.InvalidText(reason);
        }

        if (newOwner is not null && _users.Count > 0) throw reader.Invalid("Another user begins here, but --user names one for the whole file.");

        var email = newOwner ?? userInArchive;
        var caller = await dispatcher.Send(new Impersonate(email), cancellationToken);
        return caller.Error is null
            ? new ArchiveUserImport(dispatcher, caller.Value, reader, dryRun)
            : throw reader.Invalid($"{email} is not on the allow-list. See: orion users list, orion users grant {email}");
    }

    private static async Task<int> Import(
        ArchiveUserImport user, ArchiveReader reader, IProgress<(long Done, long Total)> progress, CancellationToken cancellationToken)
    {
        try
        {
            while (await reader.ReadLine(cancellationToken) is { } text)
            {
                if (await user.Import(ArchiveLine.Read(text), cancellationToken) is { } end) return end.UsersToCome;
                if (reader.Position is { Total: > 0 } position) progress.Report(position);
            }

            throw reader.Invalid("The file is incomplete: it ends here without the last line of an export.");
        }
        catch (OperationFailedException)
        {
            // Saves the valid lines before the invalid one, so that the next run continues after them.
            await user.Flush(cancellationToken);
            throw;
        }
    }
}
