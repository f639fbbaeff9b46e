using FluentValidation;
using MediatR;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>Renames, archives, restores or describes a session; what is null stays.</summary>
/// <param name="Caller">Its owner.</param>
/// <param name="Session">Its id.</param>
/// <param name="Expected">The versions that the change is meant for.</param>
/// <param name="Title">Its new title.</param>
/// <param name="Archived">Whether it is to be in the archive.</param>
/// <param name="Metadata">A JSON object.</param>
public sealed record UpdateSession(
    Caller Caller, SessionId Session, ExpectedVersions Expected, string? Title, bool? Archived, string? Metadata) : ICommand<SessionView>;

internal sealed class UpdateSessionRules : AbstractValidator<UpdateSession>
{
    public UpdateSessionRules()
    {
        RuleFor(command => command.Title).MustParse(SessionTitle.Parse);
        RuleFor(command => command.Metadata).MustParse(Metadata.Parse);
    }
}

internal sealed class UpdateSessionHandler(ISessions sessions, TimeProvider clock) : IRequestHandler<UpdateSession, Result<SessionView>>
{
    public async Task<Result<SessionView>> Handle(UpdateSession command, CancellationToken cancellationToken)
    {
        var session = await sessions.FindForUpdate(command.Session, command.Caller, cancellationToken);
        if (session is null) return SessionErrors.NotFound;
        if (!command.Expected.Include(session)) return SessionErrors.VersionMismatch;

        var now = clock.GetUtcInstant();
        if (command.Title is not null) session.Rename(SessionTitle.Parse(command.Title).Value, now);
        if (command.Metadata is not null) session.ReplaceMetadata(Metadata.Parse(command.Metadata).Value, now);
        if (command.Archived == true) session.Archive(now);
        if (command.Archived == false) session.Restore(now);
        return SessionView.From(session, command.Caller);
    }
}
