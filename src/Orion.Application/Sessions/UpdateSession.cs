using FluentValidation;
using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Replies;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>Changes a session. Null leaves a value as it is.</summary>
/// <param name="Caller">Its owner.</param>
/// <param name="Session">Its id.</param>
/// <param name="Expected">The versions that may be changed.</param>
/// <param name="Title">The new title.</param>
/// <param name="Archived">True to archive the session, false to restore it.</param>
/// <param name="Metadata">The new metadata.</param>
/// <param name="Expiry">When it expires.</param>
public sealed record UpdateSession(
    Caller Caller,
    SessionId Session,
    ExpectedVersions Expected,
    Result<SessionTitle>? Title = null,
    Result<bool>? Archived = null,
    Result<Metadata>? Metadata = null,
    Result<SessionExpiry>? Expiry = null)
    : ICommand<SessionView>;

internal sealed class UpdateSessionRules : AbstractValidator<UpdateSession>
{
    public UpdateSessionRules()
    {
        RuleFor(command => command.Title).MustBeValid();
        RuleFor(command => command.Archived).MustBeValid();
        RuleFor(command => command.Metadata).MustBeValid();
        RuleFor(command => command.Expiry).MustBeValid().OverridePropertyName("expiresAt");
    }
}

internal sealed class UpdateSessionHandler(ISessions sessions, ReplyEnding replies, TimeProvider clock) : IRequestHandler<UpdateSession, Result<SessionView>>
{
    public async Task<Result<SessionView>> Handle(UpdateSession command, CancellationToken cancellationToken)
    {
        if (command.Expiry?.Value.Check(clock.GetUtcInstant()) is { } error) return RequestErrors.Invalid("expiresAt", error);
        var session = await sessions.FindForUpdate(command.Session, command.Caller, cancellationToken);
        if (session is null) return SessionErrors.NotFound;
        if (!command.Expected.Include(session)) return SessionErrors.VersionMismatch;

        // Before the session accepts no more messages.
        if (command.Archived is { Value: true } && session.ArchivedAt is null) await replies.StopRunning(session, command.Caller, cancellationToken);

        var now = clock.GetUtcInstant();
        if (command.Title is { } title) session.Rename(title.Value, now);
        if (command.Metadata is { } metadata) session.ReplaceMetadata(metadata.Value, now);
        if (command.Expiry is { } expiry) session.Expire(expiry.Value, now);
        if (command.Archived is { } archived)
        {
            if (archived.Value) session.Archive(now);
            else session.Restore(now);
        }

        return SessionView.From(session, command.Caller);
    }
}
