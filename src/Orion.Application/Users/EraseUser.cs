using MediatR;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Users;

namespace Orion.Application.Users;

/// <summary>
/// Deletes all data of a user permanently: sessions, messages, replies, idempotency records. The entry in the allow-list remains, because it states
/// whether the user is authorized and which tokens are revoked.
/// </summary>
/// <param name="Email">The user's address.</param>
public sealed record EraseUser(EmailAddress Email) : ITransactionalRequest<Result<UserErased>>, ISystemRequest;

/// <summary>How many rows were deleted.</summary>
public sealed record UserErased(int Sessions, int Messages, int IdempotencyRecords);

/// <summary>Deletes all data of one user.</summary>
public interface IErasure
{
    /// <summary>Deletes the data in the command's transaction.</summary>
    Task<UserErased> EraseAll(Caller caller, CancellationToken cancellationToken);
}

internal sealed class EraseUserHandler(IAuthorizedUsers users, IErasure erasure) : IRequestHandler<EraseUser, Result<UserErased>>
{
    public async Task<Result<UserErased>> Handle(EraseUser command, CancellationToken cancellationToken)
    {
        // The user is usually no longer authorized.
        if (await users.FindForUpdate(command.Email, cancellationToken) is not { } user) return UserErrors.NeverKnown;
        return await erasure.EraseAll(new Caller(user.Id, user.Email), cancellationToken);
    }
}
