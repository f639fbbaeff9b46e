using FluentValidation;
using MediatR;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Sessions;
using Orion.Domain.Text;

namespace Orion.Application.Sessions;

/// <summary>Starts a session.</summary>
/// <param name="Caller">Its owner.</param>
/// <param name="Title">Its title; null to have the first message name it.</param>
/// <param name="FirstMessage">Its first message, by the user; null or blank for none.</param>
/// <param name="Metadata">A JSON object; null for none.</param>
/// <param name="NamedUser">The user as the client named it, if it did.</param>
/// <param name="IdempotencyKey">The client's key, if it gave one.</param>
public sealed record CreateSession(
    Caller Caller, string? Title, string? FirstMessage, string? Metadata, string? NamedUser = null, IdempotencyKey? IdempotencyKey = null)
    : IIdempotentCommand<SessionView>, IUserNamingRequest
{
    SessionId? IIdempotentCommand<SessionView>.NamedSession => null;

    static SessionId IIdempotentCommand<SessionView>.SessionOf(SessionView answer) => SessionId.From(answer.SessionId);
}

internal sealed class CreateSessionRules : AbstractValidator<CreateSession>
{
    public CreateSessionRules()
    {
        RuleFor(command => command.Title).MustParse(SessionTitle.Parse);
        RuleFor(command => command.FirstMessage).MustParse(MessageContent.Parse).When(command => !TextRules.IsBlank(command.FirstMessage));
        RuleFor(command => command.Metadata).MustParse(Metadata.Parse);
    }
}

internal sealed class CreateSessionHandler(ISessions sessions, TimeProvider clock) : IRequestHandler<CreateSession, Result<IdempotentResult<SessionView>>>
{
    public Task<Result<IdempotentResult<SessionView>>> Handle(CreateSession command, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcInstant();
        var title = command.Title is null ? null : SessionTitle.Parse(command.Title).Value;
        var metadata = command.Metadata is null ? Metadata.Empty : Metadata.Parse(command.Metadata).Value;
        var session = Session.Start(command.Caller.Id, title, metadata, now);
        sessions.Add(session, command.Caller);

        if (command.FirstMessage is { } text && !TextRules.IsBlank(text))
        {
            var content = MessageContent.Parse(text).Value;
            sessions.Add(session.Append(MessageRole.User, content, Metadata.Empty, now).Value, command.Caller);
        }

        return Task.FromResult<Result<IdempotentResult<SessionView>>>(new IdempotentResult<SessionView>(SessionView.From(session, command.Caller)));
    }
}
