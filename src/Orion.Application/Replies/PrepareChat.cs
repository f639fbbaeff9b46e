using FluentValidation;
using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Users;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Application.Replies;

/// <summary>Prepares a reply that is not stored: chooses what the model is given. The caller must take one of <see cref="UnstoredReplies"/>.</summary>
/// <param name="Caller">The user.</param>
/// <param name="Message">The user's message.</param>
/// <param name="History">The earlier messages, oldest first. The newest <see cref="MaxHistory"/> count.</param>
/// <param name="NamedUser">The user as the client named it; null if it named none.</param>
public sealed record PrepareChat(
    Caller Caller, Result<MessageContent>? Message, Result<ModelMessage[]>? History, Result<string>? NamedUser)
    : IQuery<PreparedChat>, IUserNamingRequest
{
    /// <summary>The number of earlier messages that the model is given at most.</summary>
    public const int MaxHistory = 50;
}

/// <summary>A reply that is ready to begin.</summary>
/// <param name="Messages">What the model is given.</param>
/// <param name="Limit">The largest number of the user's <see cref="UnstoredReplies"/>, this one included.</param>
public sealed record PreparedChat(IReadOnlyList<ModelMessage> Messages, int Limit);

internal sealed class PrepareChatRules : AbstractValidator<PrepareChat>
{
    public PrepareChatRules()
    {
        RuleFor(query => query.Message).MustBePresent("The message is missing.").MustBeValid();
        RuleFor(query => query.History).MustBeValid().OverridePropertyName("conversationHistory");
        RuleFor(query => query.NamedUser).MustBeValid().OverridePropertyName("userId");
    }
}

internal sealed class PrepareChatHandler(IAccessCheck access, IReplies replies, ReplyLimits limits)
    : IRequestHandler<PrepareChat, Result<PreparedChat>>
{
    public async Task<Result<PreparedChat>> Handle(PrepareChat query, CancellationToken cancellationToken)
    {
        // Asking a model costs money, so it is decided on the database and not on the cache, like a write.
        if (await access.FindRejection(query.Caller, cancellationToken) is { } rejected) return rejected;

        var stored = await replies.CountRunning(query.Caller, cancellationToken);
        var context = new ModelContext(limits);
        context.TryAdd(new ModelMessage(ModelRole.User, query.Message!.Value.Value));
        foreach (var message in (query.History?.Value ?? []).AsEnumerable().Reverse().Take(PrepareChat.MaxHistory))
        {
            if (!context.TryAdd(message)) break;
        }

        return new PreparedChat(context.ToMessages(), limits.PerUser - stored);
    }
}
