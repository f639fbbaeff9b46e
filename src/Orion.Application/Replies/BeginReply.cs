using FluentValidation;
using MediatR;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Application.Users;
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

internal sealed class BeginReplyRules : AbstractValidator<BeginReply>
{
    public BeginReplyRules(IModelClient models)
    {
        RuleFor(command => command.Content).MustBeValid();
        RuleFor(command => command.Model).MustBeValid()
            .Must(model => model is null or { Error: not null } || models.Names.Contains(model.Value))
            .WithMessage("There is no such model.");
        RuleFor(command => command.Metadata).MustBeValid()
            .Must((command, metadata) => metadata is null || command.Content is not null)
            .WithMessage("The metadata of a message needs its content.");
    }
}

internal sealed class BeginReplyHandler(
    IAuthorizedUsers users,
    ISessions sessions,
    IReplies replies,
    UnstoredReplies unstored,
    IModelClient models,
    IReplyRunner runner,
    ReplyLimits limits,
    TimeProvider clock)
    : IRequestHandler<BeginReply, Result<IdempotentResult<BegunReply>>>
{
    public async Task<Result<IdempotentResult<BegunReply>>> Handle(BeginReply command, CancellationToken cancellationToken)
    {
        if (models.Names is not [var defaultModel, ..]) return ReplyErrors.NoModel;

        // The user's lock makes the count exact, and the session's lock makes the running reply the only one. Their order is the same everywhere.
        var caller = command.Caller;
        await users.FindForUpdate(caller.Email, cancellationToken);
        var session = await sessions.FindForUpdate(command.Session, caller, cancellationToken);
        if (session is null) return SessionErrors.NotFound;
        if (session.ArchivedAt is not null) return SessionErrors.Archived;
        if (await replies.FindRunning(session.Id, caller, cancellationToken) is { } running) return ReplyErrors.InProgress(running.Id);

        var through = command.Content is null ? await FindLastQuestion(session, caller, cancellationToken) : session.MessageCount + 1;
        if (through is null) return ReplyErrors.NothingToAnswer;
        if (await replies.CountRunning(caller, cancellationToken) + unstored.Count(caller.Id) >= limits.PerUser) return ReplyErrors.TooMany;
        if (!command.CanBegin) return ReplyErrors.TooManyStreams;

        var now = clock.GetUtcInstant();
        if (command.Content is { } content)
        {
            var metadata = command.Metadata?.Value ?? Metadata.Empty;
            sessions.Add(session.Append(MessageRole.User, content.Value, metadata, now).Value, caller);
        }

        var reply = Reply.Begin(session, command.Model?.Value ?? defaultModel, runner.Instance, now).Value;
        replies.Add(reply, caller);
        var transcript = new ReplyTranscript();
        await replies.AddFrames(reply, transcript.Number(transcript.Begin(reply)), caller, cancellationToken);
        return new IdempotentResult<BegunReply>(new BegunReply(session.Id.Value, reply.Id.Value, through.Value));
    }

    // The sequence of the last user's message, if only messages of incomplete replies follow it.
    private async Task<int?> FindLastQuestion(Session session, Caller caller, CancellationToken cancellationToken)
    {
        const int pageSize = 10;
        int? before = null;
        while (true)
        {
            var list = new MessageList(session.Id, SortOrder.Descending);
            var page = await sessions.ListMessages(list, new PageRequest<int>(pageSize, before), caller, cancellationToken);
            if (page is not { Items.Count: > 0 }) return null;

            MessageId[] following = [.. page.Items.TakeWhile(message => message.Role != MessageRole.User).Select(message => message.Id)];
            if (following.Length > 0)
            {
                var incomplete = await replies.FindIncomplete(session.Id, following, caller, cancellationToken);
                if (!following.All(incomplete.Contains)) return null;
            }

            if (following.Length < page.Items.Count) return page.Items[following.Length].Sequence;
            before = page.Items[^1].Sequence;
        }
    }
}
