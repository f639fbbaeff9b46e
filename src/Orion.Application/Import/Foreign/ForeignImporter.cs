using System.Globalization;
using System.Text.Json;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Import.Foreign;

/// <summary>
/// Imports the conversations of another program in constant memory. Each batch is a command with its own transaction. If the import is run
/// again, it continues: it recognizes what exists, and appends messages that were added there meanwhile.
/// </summary>
/// <param name="dispatcher">Runs the commands.</param>
/// <param name="caller">The user who gets the sessions.</param>
/// <param name="clock">The time of conversations without one.</param>
/// <param name="dryRun">Whether to write nothing and only count.</param>
public sealed class ForeignImporter(IDispatcher dispatcher, Caller caller, TimeProvider clock, bool dryRun)
{
    private readonly SessionPartBatch _batch = new(dispatcher, dryRun);
    private readonly DateTimeOffset _now = clock.GetUtcInstant();

    /// <summary>The result so far.</summary>
    public UserImport User { get; } = new(caller);

    /// <summary>Imports all conversations of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="progress">Receives the number of bytes read and the total, if it is known.</param>
    /// <param name="cancellationToken">Cancels the import.</param>
    /// <exception cref="OperationFailedException">The file is invalid or cut off. The conversations before that point have been imported.</exception>
    public async Task Run(ImportFile file, IProgress<(long Done, long Total)> progress, CancellationToken cancellationToken)
    {
        try
        {
            var done = 0L;
            foreach (var (open, length) in file.Parts)
            {
                await using var stream = open();
                var items = new JsonItems(stream);
                await foreach (var item in items.Read(cancellationToken))
                {
                    await Import(item, items.Number, cancellationToken);
                    if (file.Length > 0) progress.Report((done + items.Position, file.Length));
                }

                done += length;
            }
        }
        catch (Exception exception) when (exception is OperationFailedException or InvalidDataException)
        {
            await _batch.Flush(cancellationToken);
            if (exception is InvalidDataException) throw ImportFile.DamagedZip();
            throw;
        }

        await _batch.Flush(cancellationToken);
    }

    private async Task Import(JsonElement item, int number, CancellationToken cancellationToken)
    {
        User.Sessions.Found++;
        var example = IdOf(item) ?? $"number {number.ToString(CultureInfo.InvariantCulture)}";
        var losses = new ForeignLosses(User, example);
        if (Read(item, losses) is not { } session) return;

        User.Messages.Found += session.Messages.Count;
        var isFirst = true;
        foreach (var messages in Split(session.Messages))
        {
            await _batch.Add(User, session.Session, messages, isFirst, example, fallback: null, cancellationToken);
            isFirst = false;
        }
    }

    private ForeignSession? Read(JsonElement item, ForeignLosses losses)
    {
        ForeignConversation? conversation;
        try
        {
            conversation = ForeignFormats.Read(item, losses);
        }
        catch (InvalidOperationException)
        {
            // The name of a member is not valid Unicode.
            conversation = null;
        }

        if (conversation is null)
        {
            losses.Warn(ImportWarning.NoConversation);
            return null;
        }

        var session = ForeignSession.From(conversation, losses, _now);
        if (session is null) losses.Warn(ImportWarning.NothingToImport);
        return session;
    }

    private static string? IdOf(JsonElement item)
    {
        try
        {
            return item.Text("conversation_id") ?? item.Text("conversationId") ?? item.Text("id");
        }
        catch (InvalidOperationException)
        {
            // The name of a member is not valid Unicode.
            return null;
        }
    }

    private static IEnumerable<List<ImportedMessage>> Split(IReadOnlyList<ImportedMessage> messages)
    {
        List<ImportedMessage> part = [];
        var characters = 0;
        foreach (var message in messages)
        {
            if (part.Count == SessionPartBatch.MaxMessages || characters > SessionPartBatch.MaxCharacters)
            {
                yield return part;
                (part, characters) = ([], 0);
            }

            part.Add(message);
            characters += message.Content.Value.Length;
        }

        yield return part;
    }
}
