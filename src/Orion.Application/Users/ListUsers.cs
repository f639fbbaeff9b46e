using MediatR;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Users;

namespace Orion.Application.Users;

/// <summary>Reads the allow-list, including revoked users.</summary>
public sealed record ListUsers : IRequest<Result<UserList>>, ISystemRequest;

/// <summary>The allow-list, ordered by address.</summary>
/// <param name="Users">All users that are or were authorized.</param>
public sealed record UserList(IReadOnlyList<UserView> Users);

/// <summary>A user that is or was authorized, as the operator sees it.</summary>
/// <param name="Id">The id, by which the log names the user.</param>
/// <param name="Email">The e-mail address.</param>
/// <param name="IsAuthorized">Whether the user is authorized.</param>
/// <param name="Source">How the user was authorized.</param>
/// <param name="AuthorizedAt">When the user was last authorized.</param>
/// <param name="RevokedAt">When the authorization was revoked; null if it was not.</param>
/// <param name="TokensValidFrom">Tokens issued before this second are invalid; null if all are valid.</param>
public sealed record UserView(
    Guid Id,
    string Email,
    bool IsAuthorized,
    AuthorizationSource Source,
    DateTimeOffset AuthorizedAt,
    DateTimeOffset? RevokedAt,
    DateTimeOffset? TokensValidFrom)
{
    /// <summary>Creates the view of an entry.</summary>
    public static UserView From(AuthorizedUser user) => new(
        user.Id.Value,
        user.Email.Value,
        user.IsAuthorized,
        user.Source,
        user.AuthorizedAt,
        user.RevokedAt,
        user.TokensValidFrom == DateTimeOffset.UnixEpoch ? null : user.TokensValidFrom);
}

internal sealed class ListUsersHandler(IAuthorizedUsers users) : IRequestHandler<ListUsers, Result<UserList>>
{
    public async Task<Result<UserList>> Handle(ListUsers query, CancellationToken cancellationToken) =>
        new UserList([.. (await users.List(cancellationToken)).Select(UserView.From)]);
}
