using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.Application.Replies;

/// <summary>
/// Begins a reply: to a new message of the user, or to the last one. The caller must start it with <see cref="IReplyRunner.Start"/> if the
/// result is not a replay.
/// </summary>
/// <param name="Caller">The session's owner.</param>
/// <param name="Session">The session's id.</param>
/// <param name="Content">The user's message; null to reply to the last one.</param>
/// <param name="Model">The name of the model; null for the default.</param>
/// <param name="Metadata">The client's data of the user's message; null for none.</param>
/// <param name="IdempotencyKey">The client's key; null if it sent none.</param>
/// <param name="CanBegin">
/// False if the client asks for a stream and has too many open: after all other rules, the result is <see cref="ReplyErrors.TooManyStreams"/>.
/// An earlier reply with the same key is returned nevertheless.
/// </param>
public sealed record BeginReply(
    Caller Caller,
    SessionId Session,
    Result<MessageContent>? Content,
    Result<string>? Model = null,
    Result<Metadata>? Metadata = null,
    IdempotencyKey? IdempotencyKey = null,
    bool CanBegin = true)
    : IIdempotentCommand<BegunReply>
{
    SessionId? IIdempotentCommand<BegunReply>.NamedSession => Session;

    static SessionId IIdempotentCommand<BegunReply>.SessionOf(BegunReply result) => SessionId.From(result.SessionId);
}

/// <summary>A reply that has begun.</summary>
/// <param name="SessionId">The id of its session.</param>
/// <param name="ReplyId">The id of the reply.</param>
/// <param name="Through">The sequence of the user's message that it replies to: the last one that the model is given.</param>
public sealed record BegunReply(Guid SessionId, Guid ReplyId, int Through);
