using FluentValidation;
using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Users;
using Orion.Domain;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.Application.Replies;

/// <summary>Begins a reply that is not stored: counts it, and chooses what the model is given.</summary>
/// <param name="Caller">The user.</param>
/// <param name="Message">The user's message.</param>
/// <param name="History">The earlier messages, oldest first. The newest <see cref="MaxHistory"/> count.</param>
/// <param name="NamedUser">The user as the client named it; null if it named none.</param>
/// <param name="Slot">Holds the place of the reply.</param>
public sealed record BeginChat(
    Caller Caller, Result<MessageContent>? Message, Result<ModelMessage[]>? History, Result<string>? NamedUser, UnstoredReplySlot Slot)
    : ICommand<BegunChat>, IUserNamingRequest
{
    /// <summary>The number of earlier messages that the model is given at most.</summary>
    public const int MaxHistory = 50;
}

/// <summary>A reply that has begun and is not stored.</summary>
/// <param name="Messages">What the model is given.</param>
public sealed record BegunChat(IReadOnlyList<ModelMessage> Messages);

internal sealed class BeginChatRules : AbstractValidator<BeginChat>
{
    public BeginChatRules()
    {
        RuleFor(command => command.Message).MustBePresent("The message is missing.").MustBeValid();
        RuleFor(command => command.History).MustBeValid().OverridePropertyName("conversationHistory");
        RuleFor(command => command.NamedUser).MustBeValid().OverridePropertyName("userId");
    }
}

/// <summary>
/// A command, although it stores nothing: asking a model costs money, so the transaction decides about the caller's token, and the user's
/// lock makes the count exact, as in <see cref="BeginReply"/>.
/// </summary>
internal sealed class BeginChatHandler(IAuthorizedUsers users, IReplies replies, UnstoredReplies unstored, ReplyLimits limits)
    : IRequestHandler<BeginChat, Result<BegunChat>>
{
    public async Task<Result<BegunChat>> Handle(BeginChat command, CancellationToken cancellationToken)
    {
        var caller = command.Caller;
        await users.FindForUpdate(caller.Email, cancellationToken);
        var stored = await replies.CountRunning(caller, cancellationToken);
        if (!command.Slot.TryTake(unstored, caller.Id, limits.PerUser - stored)) return ReplyErrors.TooMany;

        var context = new ModelContext(limits);
        context.TryAdd(new ModelMessage(ModelRole.User, command.Message!.Value.Value));
        foreach (var message in (command.History?.Value ?? []).AsEnumerable().Reverse().Take(BeginChat.MaxHistory))
        {
            if (!context.TryAdd(message)) break;
        }

        return new BegunChat(context.ToMessages());
    }
}
