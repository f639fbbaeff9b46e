using MediatR;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Users;

namespace Orion.Application.Users;

/// <summary>Reads the allow-list, those who were taken off it included.</summary>
public sealed record ListUsers : IRequest<Result<UserList>>, ISystemRequest;

/// <summary>The allow-list, by address.</summary>
/// <param name="Users">Everyone who is, or was, on it.</param>
public sealed record UserList(IReadOnlyList<UserView> Users);

/// <summary>Someone who is, or was, on the allow-list, as the operator sees them.</summary>
/// <param name="Email">Their address.</param>
/// <param name="IsAuthorized">Whether they are on the list.</param>
/// <param name="Source">Who put them there.</param>
/// <param name="AuthorizedAt">Since when (the last time) they are on it.</param>
/// <param name="RevokedAt">When they were taken off; null while on it.</param>
/// <param name="TokensValidFrom">Tokens issued before this second do not count; null where every token does.</param>
public sealed record UserView(
    string Email,
    bool IsAuthorized,
    AuthorizationSource Source,
    DateTimeOffset AuthorizedAt,
    DateTimeOffset? RevokedAt,
    DateTimeOffset? TokensValidFrom)
{
    /// <summary>Shows an entry.</summary>
    public static UserView From(AuthorizedUser user) => new(
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
