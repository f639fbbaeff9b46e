using System.Reflection;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.UnitTests.Fixtures;

/// <summary>Values for tests.</summary>
internal static class Given
{
    internal static DateTimeOffset Now { get; } = new(2026, 3, 14, 15, 9, 26, 535, 897, TimeSpan.Zero);

    internal static UserId Owner { get; } = UserId.From(new Guid("0195a5c1-3a00-7000-8000-000000000001"));

    internal static EmailAddress Address(string text = "ada@example.com") =>
        EmailAddress.TryParse(text, out var address) ? address : throw new ArgumentException("The address is invalid.", nameof(text));

    /// <summary>The list of an owner's current sessions.</summary>
    internal static SessionList Sessions { get; } = new(default, default, default, From: null, To: null);

    internal static MessageContent Content(string text) => MessageContent.Parse(text).Value;

    internal static SessionTitle Title(string text) => SessionTitle.Parse(text).Value;

    internal static Metadata Metadata(string json) => Domain.Sessions.Metadata.Parse(json).Value;

    internal static Session NewSession(SessionTitle? title = null) => Session.Start(Owner, title, Domain.Sessions.Metadata.Empty, Now);

    /// <summary>A session as the next command loads it.</summary>
    internal static Session StoredSession(SessionTitle? title = null) => NewSession(title).Stored();

    /// <summary>The session as the next command loads it: EF Core creates an instance that has not changed yet.</summary>
    internal static Session Stored(this Session session)
    {
        typeof(Session).GetField("_changed", BindingFlags.NonPublic | BindingFlags.Instance)!.SetValue(session, false);
        return session;
    }

    internal static Message Append(this Session session, string text, MessageRole role = MessageRole.User, TimeSpan after = default) =>
        session.Append(role, Content(text), Domain.Sessions.Metadata.Empty, Now + after).Value;
}
