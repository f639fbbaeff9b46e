using MediatR;
using Orion.Application.Messaging;
using Orion.Domain;

namespace Orion.Application.Users;

/// <summary>Reads the caller's own entry of the allow-list.</summary>
public sealed record GetMe(Caller Caller) : IQuery<MeView>;

/// <summary>The caller, as the allow-list knows them.</summary>
/// <param name="UserId">Their address.</param>
/// <param name="AuthorizedAt">Since when they are on the list.</param>
public sealed record MeView(string UserId, DateTimeOffset AuthorizedAt);

internal sealed class GetMeHandler(IAuthorizedUserCache authorizations) : IRequestHandler<GetMe, Result<MeView>>
{
    public async Task<Result<MeView>> Handle(GetMe query, CancellationToken cancellationToken) =>
        await authorizations.Find(query.Caller.Email, cancellationToken) is { } user
            ? new MeView(user.Email.Value, user.AuthorizedAt)
            : UserErrors.NotAuthorized;
}
