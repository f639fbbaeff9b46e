using FluentValidation;
using MediatR;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>Starts a session with copies of another one's messages. The copies have new ids and the original times.</summary>
/// <param name="Caller">The owner of both.</param>
/// <param name="Session">The id of the session to copy. It may be archived.</param>
/// <param name="ThroughSequence">The sequence of the last message to copy; null for all messages.</param>
/// <param name="Title">The title; null for the original's.</param>
/// <param name="IdempotencyKey">The client's key; null if it sent none.</param>
public sealed record ForkSession(
    Caller Caller,
    SessionId Session,
    Result<int>? ThroughSequence = null,
    Result<SessionTitle>? Title = null,
    IdempotencyKey? IdempotencyKey = null)
    : IIdempotentCommand<SessionView>
{
    SessionId? IIdempotentCommand<SessionView>.NamedSession => Session;

    static SessionId IIdempotentCommand<SessionView>.SessionOf(SessionView result) => SessionId.From(result.SessionId);
}

internal sealed class ForkSessionRules : AbstractValidator<ForkSession>
{
    public ForkSessionRules()
    {
        RuleFor(command => command.ThroughSequence).MustBeValid();
        RuleFor(command => command.ThroughSequence!.Value).GreaterThan(0).WithMessage("It must be the sequence of a message.")
            .When(command => command.ThroughSequence is { Error: null }).OverridePropertyName("throughSequence");
        RuleFor(command => command.Title).MustBeValid();
    }
}

internal sealed class ForkSessionHandler(ISessions sessions, TimeProvider clock) : IRequestHandler<ForkSession, Result<IdempotentResult<SessionView>>>
{
    public async Task<Result<IdempotentResult<SessionView>>> Handle(ForkSession command, CancellationToken cancellationToken)
    {
        // Locked, so that an erasure or a deletion that runs at the same time comes before the copy or includes it.
        var original = await sessions.FindForUpdate(command.Session, command.Caller, cancellationToken);
        if (original is null) return SessionErrors.NotFound;

        var through = command.ThroughSequence?.Value ?? original.MessageCount;
        if (through > original.MessageCount)
            return RequestErrors.Invalid("throughSequence", RequestErrors.InvalidMember($"The session has {original.MessageCount} messages."));
        if (through > Session.MaxForkMessages || await sessions.MeasureMessages(original.Id, through, command.Caller, cancellationToken) > Session.MaxForkBytes)
            return SessionErrors.TooLargeToFork;

        var last = through == original.MessageCount
            ? original.LastMessage
            : (await sessions.FindMessage(original.Id, through, command.Caller, cancellationToken))!.Content.Preview;
        var now = clock.GetUtcInstant();
        var fork = original.Fork(through, last, command.Title?.Value, now);
        sessions.Add(fork, command.Caller);
        await sessions.AddCopies(original.Id, fork, [.. Enumerable.Range(0, through).Select(_ => MessageId.New(now))], command.Caller, cancellationToken);
        return new IdempotentResult<SessionView>(SessionView.From(fork, command.Caller));
    }
}
