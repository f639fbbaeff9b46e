using Microsoft.Extensions.DependencyInjection;
using NSubstitute;
using Orion.Application.Replies;
using Orion.Domain;
using Orion.Domain.Replies;
using Orion.Domain.Users;

namespace Orion.UnitTests.Replies;

/// <summary>The slot of a reply that is not stored, in a command that the dispatcher repeats or abandons.</summary>
public sealed class BeginChatTests : IDisposable
{
    private readonly ApplicationHost _host = new();
    private readonly UnstoredReplySlot _slot = new();
    private readonly UnstoredReplies _replies;
    private readonly int _limit;

    public BeginChatTests()
    {
        _replies = _host.Services.GetRequiredService<UnstoredReplies>();
        _limit = _host.Services.GetRequiredService<ReplyLimits>().PerUser;
    }

    public void Dispose()
    {
        _slot.Dispose();
        _host.Dispose();
    }

    [Fact]
    public async Task A_slot_is_taken_until_it_is_disposed()
    {
        Assert.Null((await Begin()).Error);
        Assert.Equal(1, _replies.Count(Callers.Ada.Id));

        _slot.Dispose();
        _slot.Dispose();

        Assert.Equal(0, _replies.Count(Callers.Ada.Id));
    }

    [Fact]
    public async Task A_command_that_goes_on_after_its_request_has_ended_takes_no_slot()
    {
        var userLock = new TaskCompletionSource<AuthorizedUser?>();
        _host.Users.FindForUpdate(Callers.Ada.Email, Arg.Any<CancellationToken>()).Returns(userLock.Task);
        var beginning = Begin();

        _slot.Dispose();
        userLock.SetResult(null);

        Assert.Equal(ReplyErrors.TooMany, (await beginning).Error);
        Assert.Equal(0, _replies.Count(Callers.Ada.Id));
    }

    [Fact]
    public async Task A_command_that_is_repeated_takes_one_slot()
    {
        for (var i = 1; i < _limit; i++) _replies.TryTake(Callers.Ada.Id, _limit);
        _host.Database.CanRetry(Arg.Any<Exception>(), Arg.Any<bool>()).Returns(true);
        _host.Changes.Save(Arg.Any<CancellationToken>()).Returns(_ => throw new TimeoutException(), _ => Task.FromResult<Error?>(null));

        Assert.Null((await Begin()).Error);
        Assert.Equal(_limit, _replies.Count(Callers.Ada.Id));
    }

    private Task<Result<BegunChat>> Begin() =>
        _host.Send(new BeginChat(Callers.Ada, Given.Content("Hello"), History: null, NamedUser: null, _slot));
}
