using FluentValidation;
using MediatR;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>Deletes a session with its messages.</summary>
/// <param name="Caller">Its owner.</param>
/// <param name="Session">Its id.</param>
/// <param name="Expected">The versions that may be deleted.</param>
/// <param name="NamedUser">The user as the client named it; null if it named none.</param>
public sealed record DeleteSession(Caller Caller, Result<SessionId>? Session, ExpectedVersions Expected, Result<string>? NamedUser = null)
    : ICommand, IUserNamingRequest;

internal sealed class DeleteSessionRules : AbstractValidator<DeleteSession>
{
    public DeleteSessionRules()
    {
        RuleFor(command => command.Session).MustBePresent().MustBeValid().OverridePropertyName("sessionId");
        RuleFor(command => command.NamedUser).MustBeValid().OverridePropertyName("userId");
    }
}

internal sealed class DeleteSessionHandler(ISessions sessions) : IRequestHandler<DeleteSession, Result>
{
    public async Task<Result> Handle(DeleteSession command, CancellationToken cancellationToken)
    {
        var session = await sessions.FindForUpdate(command.Session!.Value, command.Caller, cancellationToken);
        if (session is null) return SessionErrors.NotFound;
        if (!command.Expected.Include(session)) return SessionErrors.VersionMismatch;

        sessions.Remove(session, command.Caller);
        return Result.Success;
    }
}
