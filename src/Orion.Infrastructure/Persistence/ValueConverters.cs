using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Orion.Domain.Sessions;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence;

/// <summary>How the domain's values are stored.</summary>
internal static class ValueConverters
{
    internal static void Configure(ModelConfigurationBuilder model)
    {
        model.Properties<UserId>().HaveConversion<UserIds>();
        model.Properties<SessionId>().HaveConversion<SessionIds>();
        model.Properties<MessageId>().HaveConversion<MessageIds>();
        model.Properties<EmailAddress>().HaveConversion<EmailAddresses>().HaveMaxLength(EmailAddress.MaxLength);
        model.Properties<AuthorizationSource>().HaveConversion<Sources>().HaveMaxLength(16);
        model.Properties<SessionTitle>().HaveConversion<Titles>().HaveMaxLength(SessionTitle.MaxLength);
        model.Properties<MessageContent>().HaveConversion<Contents>().HaveMaxLength(MessageContent.MaxLength);
        model.Properties<MessageRole>().HaveConversion<Roles>().HaveMaxLength(16);
        model.Properties<Metadata>().HaveConversion<Metadatas>();
    }

    private sealed class UserIds() : ValueConverter<UserId, Guid>(id => id.Value, stored => UserId.From(stored));

    private sealed class SessionIds() : ValueConverter<SessionId, Guid>(id => id.Value, stored => SessionId.From(stored));

    private sealed class MessageIds() : ValueConverter<MessageId, Guid>(id => id.Value, stored => MessageId.From(stored));

    private sealed class EmailAddresses() : ValueConverter<EmailAddress, string>(address => address.Value, stored => Address(stored));

    private sealed class Sources() : ValueConverter<AuthorizationSource, string>(
        source => source == AuthorizationSource.Configuration ? "configuration" : "granted",
        stored => stored == "configuration" ? AuthorizationSource.Configuration : AuthorizationSource.Granted);

    private sealed class Titles() : ValueConverter<SessionTitle, string>(title => title.Value, stored => SessionTitle.From(stored));

    private sealed class Contents() : ValueConverter<MessageContent, string>(content => content.Value, stored => MessageContent.From(stored));

    private sealed class Roles() : ValueConverter<MessageRole, string>(role => role.ToName(), stored => Role(stored));

    private sealed class Metadatas() : ValueConverter<Metadata, string>(metadata => metadata.Json, stored => Metadata.From(stored));

    private static EmailAddress Address(string stored) =>
        EmailAddress.TryParse(stored, out var address) ? address : throw new InvalidOperationException("A stored e-mail address is invalid.");

    private static MessageRole Role(string stored) =>
        MessageRoles.Parse(stored) is { Error: null } role ? role.Value : throw new InvalidOperationException("A stored role is unknown.");
}
