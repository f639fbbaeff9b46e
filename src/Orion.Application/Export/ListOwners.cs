using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Users;
using Orion.Domain;

namespace Orion.Application.Export;

/// <summary>Lists all users who are or were on the allow-list: everyone who may own sessions that the operator exports or imports.</summary>
public sealed record ListOwners : IRequest<Result<OwnerList>>, ISystemRequest;

/// <summary>The users, by address.</summary>
public sealed record OwnerList(IReadOnlyList<Owner> Owners);

/// <summary>A user who may own sessions.</summary>
/// <param name="Caller">The user.</param>
/// <param name="IsAuthorized">Whether the user is on the allow-list now.</param>
public sealed record Owner(Caller Caller, bool IsAuthorized);

internal sealed class ListOwnersHandler(IAuthorizedUsers users) : IRequestHandler<ListOwners, Result<OwnerList>>
{
    public async Task<Result<OwnerList>> Handle(ListOwners query, CancellationToken cancellationToken)
    {
        var all = await users.List(cancellationToken);
        return new OwnerList([.. all.Select(user => new Owner(new Caller(user.Id, user.Email), user.IsAuthorized))]);
    }
}
