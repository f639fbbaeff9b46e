using MediatR;
using Orion.Application.Messaging;
using Orion.Domain;

namespace Orion.Application.Users;

/// <summary>Reads the caller's own entry on the allow-list.</summary>
public sealed record GetMe(Caller Caller) : IQuery<MeView>;

/// <summary>The caller's entry on the allow-list.</summary>
/// <param name="UserId">The email address.</param>
/// <param name="AuthorizedAt">When the address was added to the list.</param>
public sealed record MeView(string UserId, DateTimeOffset AuthorizedAt);

internal sealed class GetMeHandler(IAuthorizedUserCache users) : IRequestHandler<GetMe, Result<MeView>>
{
    public async Task<Result<MeView>> Handle(GetMe query, CancellationToken cancellationToken) =>
        await users.Find(query.Caller.Email, cancellationToken) is { } user
            ? new MeView(user.Email.Value, user.AuthorizedAt)
            : UserErrors.NotAuthorized;
}
