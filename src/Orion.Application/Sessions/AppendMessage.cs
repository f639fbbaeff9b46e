using FluentValidation;
using MediatR;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Sessions;

/// <summary>Appends a message to a session.</summary>
/// <param name="Caller">The session's owner.</param>
/// <param name="Session">The session's id.</param>
/// <param name="Role"><c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">What is said.</param>
/// <param name="Metadata">A JSON object; null for none.</param>
/// <param name="NamedUser">The user as the client named it, if it did.</param>
/// <param name="IdempotencyKey">The client's key, if it gave one.</param>
public sealed record AppendMessage(
    Caller Caller,
    SessionId Session,
    string? Role,
    string? Content,
    string? Metadata,
    string? NamedUser = null,
    IdempotencyKey? IdempotencyKey = null)
    : IIdempotentCommand<MessageView>, IUserNamingRequest
{
    SessionId? IIdempotentCommand<MessageView>.NamedSession => Session;

    static SessionId IIdempotentCommand<MessageView>.SessionOf(MessageView answer) => SessionId.From(answer.SessionId);
}

internal sealed class AppendMessageRules : AbstractValidator<AppendMessage>
{
    public AppendMessageRules()
    {
        RuleFor(command => command.Role)
            .Must(role => MessageRoles.Parse(role) is not null)
            .WithMessage($"The role must be \"{MessageRoles.User}\" or \"{MessageRoles.Assistant}\".");
        RuleFor(command => command.Content).NotNull().WithMessage("The content is missing.").MustParse(MessageContent.Parse);
        RuleFor(command => command.Metadata).MustParse(Metadata.Parse);
    }
}

internal sealed class AppendMessageHandler(ISessions sessions, TimeProvider clock) : IRequestHandler<AppendMessage, Result<IdempotentResult<MessageView>>>
{
    public async Task<Result<IdempotentResult<MessageView>>> Handle(AppendMessage command, CancellationToken cancellationToken)
    {
        var session = await sessions.FindForUpdate(command.Session, command.Caller, cancellationToken);
        if (session is null) return SessionErrors.NotFound;

        var role = MessageRoles.Parse(command.Role)!.Value;
        var content = MessageContent.Parse(command.Content!).Value;
        var metadata = command.Metadata is null ? Metadata.Empty : Metadata.Parse(command.Metadata).Value;
        var appended = session.Append(role, content, metadata, clock.GetUtcInstant());
        if (appended.Error is { } refused) return refused;

        sessions.Add(appended.Value, command.Caller);
        return new IdempotentResult<MessageView>(MessageView.From(appended.Value));
    }
}
