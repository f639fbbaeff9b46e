using MediatR;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Users;

namespace Orion.Application.Users;

/// <summary>
/// Deletes everything of someone for good: sessions, messages, kept answers. Their entry of the allow-list stays, because it says who
/// may come in and which tokens are over.
/// </summary>
/// <param name="Email">Whose.</param>
public sealed record EraseUser(EmailAddress Email) : ITransactionalRequest<Result<UserErased>>, ISystemRequest;

/// <summary>How many rows were deleted.</summary>
/// <param name="Sessions">Sessions.</param>
/// <param name="Messages">Messages.</param>
/// <param name="KeptAnswers">Answers that were kept for repeats.</param>
public sealed record UserErased(int Sessions, int Messages, int KeptAnswers);

/// <summary>Deletes all rows of one owner.</summary>
public interface IErasure
{
    /// <summary>Deletes them, in the command's transaction.</summary>
    Task<UserErased> EraseAll(Caller caller, CancellationToken cancellationToken);
}

internal sealed class EraseUserHandler(IAuthorizedUsers users, IErasure erasure) : IRequestHandler<EraseUser, Result<UserErased>>
{
    public async Task<Result<UserErased>> Handle(EraseUser command, CancellationToken cancellationToken)
    {
        // Someone who was taken off the list, too: that is when erasing is asked for.
        if (await users.FindForUpdate(command.Email, cancellationToken) is not { } user) return UserErrors.Unknown;
        return await erasure.EraseAll(new Caller(user.Id, user.Email), cancellationToken);
    }
}
