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
/// <param name="Role">The author.</param>
/// <param name="Content">The text.</param>
/// <param name="Metadata">The client's data; null for none.</param>
/// <param name="NamedUser">The user as the client named it; null if it named none.</param>
/// <param name="IdempotencyKey">The client's key; null if it sent none.</param>
public sealed record AppendMessage(
    Caller Caller,
    Result<SessionId>? Session,
    Result<MessageRole>? Role,
    Result<MessageContent>? Content,
    Result<Metadata>? Metadata = null,
    Result<string>? NamedUser = null,
    IdempotencyKey? IdempotencyKey = null)
    : IIdempotentCommand<MessageView>, IUserNamingRequest
{
    SessionId? IIdempotentCommand<MessageView>.NamedSession => Session!.Value;

    static SessionId IIdempotentCommand<MessageView>.SessionOf(MessageView result) => SessionId.From(result.SessionId);
}

internal sealed class AppendMessageRules : AbstractValidator<AppendMessage>
{
    public AppendMessageRules()
    {
        RuleFor(command => command.Session).MustBePresent().MustBeValid().OverridePropertyName("sessionId");
        RuleFor(command => command.Role).MustBePresent(MessageRoles.Invalid.Message).MustBeValid();
        RuleFor(command => command.Content).MustBePresent("The content is missing.").MustBeValid();
        RuleFor(command => command.Metadata).MustBeValid();
        RuleFor(command => command.NamedUser).MustBeValid().OverridePropertyName("userId");
    }
}

internal sealed class AppendMessageHandler(ISessions sessions, TimeProvider clock) : IRequestHandler<AppendMessage, Result<IdempotentResult<MessageView>>>
{
    public async Task<Result<IdempotentResult<MessageView>>> Handle(AppendMessage command, CancellationToken cancellationToken)
    {
        var session = await sessions.FindForUpdate(command.Session!.Value, command.Caller, cancellationToken);
        if (session is null) return SessionErrors.NotFound;

        var metadata = command.Metadata?.Value ?? Metadata.Empty;
        var appended = session.Append(command.Role!.Value, command.Content!.Value, metadata, clock.GetUtcInstant());
        if (appended.Error is { } error) return error;

        sessions.Add(appended.Value, command.Caller);
        return new IdempotentResult<MessageView>(MessageView.From(appended.Value));
    }
}
