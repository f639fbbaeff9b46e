using Orion.Application.Messaging;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.UnitTests.Fixtures;

/// <summary>Callers of requests.</summary>
internal static class Callers
{
    internal static Caller Ada { get; } = new(Given.Owner, Given.Address("ada@example.com"));

    internal static Caller Bob { get; } =
        new(UserId.From(new Guid("0195a5c1-3a00-7000-8000-000000000002")), Given.Address("bob@example.com"));

    internal static Session SessionOf(Caller owner, string? title = null) =>
        Session.Start(owner.Id, title is null ? null : Given.Title(title), Metadata.Empty, Given.Now).Stored();
}
