using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Users;
using Orion.Domain;

namespace Orion.Application.Export;

/// <summary>Whose sessions there may be: everyone who is, or was, on the allow-list, so that the operator can move them.</summary>
public sealed record ListOwners : IRequest<Result<OwnerList>>, ISystemRequest;

/// <summary>Everyone who is, or was, on the allow-list, by address.</summary>
public sealed record OwnerList(IReadOnlyList<Owner> Owners);

/// <summary>Someone who may have sessions.</summary>
/// <param name="Caller">On whose behalf they are moved.</param>
/// <param name="IsAuthorized">Whether they are on the allow-list.</param>
public sealed record Owner(Caller Caller, bool IsAuthorized);

internal sealed class ListOwnersHandler(IAuthorizedUsers users) : IRequestHandler<ListOwners, Result<OwnerList>>
{
    public async Task<Result<OwnerList>> Handle(ListOwners query, CancellationToken cancellationToken)
    {
        var everyone = await users.List(cancellationToken);
        return new OwnerList([.. everyone.Select(user => new Owner(new Caller(user.Id, user.Email), user.IsAuthorized))]);
    }
}
