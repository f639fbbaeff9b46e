using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Orion.Application.Replies;
using Orion.Domain.Replies;
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
        model.Properties<ReplyId>().HaveConversion<ReplyIds>();
        model.Properties<InstanceId>().HaveConversion<InstanceIds>();
        model.Properties<ReplyStatus>().HaveConversion<ReplyStatuses>().HaveMaxLength(16);
        model.Properties<FinishReason>().HaveConversion<FinishReasons>().HaveMaxLength(16);
        model.Properties<ModelFailure>().HaveConversion<ModelFailures>().HaveMaxLength(32);
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

    private sealed class ReplyIds() : ValueConverter<ReplyId, Guid>(id => id.Value, stored => ReplyId.From(stored));

    private sealed class InstanceIds() : ValueConverter<InstanceId, Guid>(id => id.Value, stored => InstanceId.From(stored));

    private sealed class ReplyStatuses() : ValueConverter<ReplyStatus, string>(
        status => status.ToName(), stored => Named<ReplyStatus>(stored, ReplyNames.ToName));

    private sealed class FinishReasons() : ValueConverter<FinishReason, string>(
        reason => reason.ToName(), stored => Named<FinishReason>(stored, ReplyNames.ToName));

    private sealed class ModelFailures() : ValueConverter<ModelFailure, string>(
        failure => failure.ToName(), stored => Named<ModelFailure>(stored, ReplyNames.ToName));

    private static T Named<T>(string stored, Func<T, string> nameOf)
        where T : struct, Enum => Enum.GetValues<T>().Single(value => nameOf(value) == stored);

    private static EmailAddress Address(string stored) =>
        EmailAddress.TryParse(stored, out var address) ? address : throw new InvalidOperationException("A stored e-mail address is invalid.");

    private static MessageRole Role(string stored) =>
        MessageRoles.Parse(stored) is { Error: null } role ? role.Value : throw new InvalidOperationException("A stored role is unknown.");
}
