using Orion.Domain.Sessions;

namespace Orion.Application.Import.Foreign;

/// <summary>A conversation of another program, without what Orion cannot store.</summary>
/// <param name="Program">The program.</param>
/// <param name="Id">The id there; null if it has none.</param>
/// <param name="Title">The title; null if it has none.</param>
/// <param name="CreatedAt">When it was created; null if that is unknown.</param>
/// <param name="UpdatedAt">When it last changed; null if that is unknown.</param>
/// <param name="IsArchived">Whether it is archived.</param>
/// <param name="Messages">The messages of the branch that was shown last, in order.</param>
internal sealed record ForeignConversation(
    string Program,
    string? Id,
    string? Title,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? UpdatedAt,
    bool IsArchived,
    IReadOnlyList<ForeignMessage> Messages);

/// <summary>A message of another program.</summary>
/// <param name="Id">The id within its conversation.</param>
/// <param name="Role">The author.</param>
/// <param name="Text">The text.</param>
/// <param name="At">When it was written; null if that is unknown.</param>
internal sealed record ForeignMessage(string Id, MessageRole Role, string Text, DateTimeOffset? At);

/// <summary>Counts what is left out of a conversation.</summary>
/// <param name="user">The counts.</param>
/// <param name="conversation">The conversation, for examples.</param>
internal sealed class ForeignLosses(UserImport user, string conversation)
{
    /// <summary>Counts a message that is skipped.</summary>
    internal void Skip(ImportWarning kind, long count = 1)
    {
        if (count == 0) return;
        user.Messages.Found += count;
        Warn(kind, count);
    }

    /// <summary>Counts a part of a message, or a change.</summary>
    internal void Warn(ImportWarning kind, long count = 1)
    {
        if (count > 0) user.Warn(kind, conversation, count);
    }
}
