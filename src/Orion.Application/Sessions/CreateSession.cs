using FluentValidation;
using MediatR;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>Starts a session.</summary>
/// <param name="Caller">Its owner.</param>
/// <param name="Title">Its title; null to derive it from the first message.</param>
/// <param name="FirstMessage">The user's first message; null for none.</param>
/// <param name="Metadata">The client's data; null for none.</param>
/// <param name="NamedUser">The user as the client named it; null if it named none.</param>
/// <param name="IdempotencyKey">The client's key; null if it sent none.</param>
/// <param name="Expiry">When it expires; null for never.</param>
public sealed record CreateSession(
    Caller Caller,
    Result<SessionTitle>? Title = null,
    Result<MessageContent>? FirstMessage = null,
    Result<Metadata>? Metadata = null,
    Result<string>? NamedUser = null,
    IdempotencyKey? IdempotencyKey = null,
    Result<SessionExpiry>? Expiry = null)
    : IIdempotentCommand<SessionView>, IUserNamingRequest
{
    SessionId? IIdempotentCommand<SessionView>.NamedSession => null;

    static SessionId IIdempotentCommand<SessionView>.SessionOf(SessionView result) => SessionId.From(result.SessionId);
}

internal sealed class CreateSessionRules : AbstractValidator<CreateSession>
{
    public CreateSessionRules()
    {
        RuleFor(command => command.Title).MustBeValid();
        RuleFor(command => command.FirstMessage).MustBeValid();
        RuleFor(command => command.Metadata).MustBeValid();
        RuleFor(command => command.NamedUser).MustBeValid().OverridePropertyName("userId");
        RuleFor(command => command.Expiry).MustBeValid().OverridePropertyName("expiresAt");
    }
}

internal sealed class CreateSessionHandler(ISessions sessions, TimeProvider clock) : IRequestHandler<CreateSession, Result<IdempotentResult<SessionView>>>
{
    public Task<Result<IdempotentResult<SessionView>>> Handle(CreateSession command, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcInstant();
        // Not a rule: a repeated request gets the stored response also after the session has expired.
        if (command.Expiry?.Value.Check(now) is { } error)
            return Task.FromResult<Result<IdempotentResult<SessionView>>>(RequestErrors.Invalid("expiresAt", error));

        var session = Session.Start(
            command.Caller.Id, command.Title?.Value, command.Metadata?.Value ?? Metadata.Empty, now, command.Expiry?.Value);
        sessions.Add(session, command.Caller);
        if (command.FirstMessage is { } first)
            sessions.Add(session.Append(MessageRole.User, first.Value, Metadata.Empty, now).Value, command.Caller);

        return Task.FromResult<Result<IdempotentResult<SessionView>>>(new IdempotentResult<SessionView>(SessionView.From(session, command.Caller)));
    }
}
