using NSubstitute;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Idempotency;

public sealed class IdempotencyBehaviorTests : IDisposable
{
    private static readonly IdempotencyKey Key = new("key", "POST", "/api/sessions", [1, 2, 3]);

    private readonly ApplicationHost _host = new();
    private readonly Session _session = Callers.SessionOf(Callers.Ada);

    public IdempotencyBehaviorTests()
    {
        _host.Sessions.FindForUpdate(_session.Id, Arg.Any<Caller>(), Arg.Any<CancellationToken>()).Returns(_session);
        Claims(new IdempotencyClaim.Claimed());
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_first_request_claims_the_key_and_stores_its_response_in_its_transaction()
    {
        var written = (await Append()).Value;

        Assert.False(written.IsReplay);
        Received.InOrder(() =>
        {
            _host.Work.Begin(Arg.Any<Caller?>(), Arg.Any<CancellationToken>());
            _host.IdempotencyStore.Claim(Key, Callers.Ada, Arg.Any<CancellationToken>());
            _host.IdempotencyStore.Add(Key, _session.Id, written.Value, Callers.Ada);
            _host.Changes.Save(Arg.Any<CancellationToken>());
        });
    }

    [Fact]
    public async Task The_record_of_a_new_session_belongs_to_that_session()
    {
        var created = (await _host.Send(new CreateSession(Callers.Ada, SessionTitle.Parse("Title"), IdempotencyKey: Key))).Value;

        _host.IdempotencyStore.Received(1).Add(Key, SessionId.From(created.Value.SessionId), created.Value, Callers.Ada);
    }

    [Theory]
    [InlineData(1, 2, 4)]
    [InlineData(1, 2)]
    public async Task Another_body_is_a_mismatch_and_the_stored_response_is_not_read(params int[] hash)
    {
        Claims(new IdempotencyClaim.Completed([.. hash.Select(b => (byte)b)], _ => throw new InvalidOperationException()));

        Assert.Equal(IdempotencyErrors.Mismatch, (await Append()).Error);

        AssertNothingWritten();
    }

    [Fact]
    public async Task An_invalid_request_claims_no_key()
    {
        Assert.Equal("validation_failed", (await _host.Send(new AppendMessage(Callers.Ada, _session.Id, MessageRoles.Parse("nobody"), Given.Content("x"), null, null, Key))).Error!.Code);
        Assert.Equal("user_mismatch", (await _host.Send(new AppendMessage(Callers.Ada, _session.Id, MessageRole.User, Given.Content("x"), null, "bob@example.com", Key))).Error!.Code);

        Assert.Empty(_host.IdempotencyStore.ReceivedCalls());
    }

    [Fact]
    public async Task A_session_token_sees_no_record_of_another_session_or_without_a_session()
    {
        var scoped = Callers.Ada with { Scope = SessionId.New(Given.Now) };
        Claims(new IdempotencyClaim.Completed([1, 2, 3], _ => throw new InvalidOperationException()));

        Assert.Equal(SessionErrors.NotFound, (await Append(scoped)).Error);
        Assert.Equal(SessionErrors.NotFound, (await _host.Send(new CreateSession(scoped, IdempotencyKey: Key))).Error);

        Assert.Empty(_host.IdempotencyStore.ReceivedCalls());
    }

    [Fact]
    public async Task Records_older_than_24_hours_are_deleted_up_to_the_batch_size()
    {
        _host.IdempotencyStore.DeleteExpired(Given.Now.AddHours(-24), Given.Now.AddHours(24), 500, Arg.Any<CancellationToken>()).Returns(7);

        Assert.Equal(new IdempotencyRecordsDeleted(7), (await _host.Send(new DeleteExpiredIdempotencyRecords(500))).Value);

        await _host.Changes.Received(1).Save(Arg.Any<CancellationToken>());
    }

    private void Claims(IdempotencyClaim claim) =>
        _host.IdempotencyStore.Claim(Key, Arg.Any<Caller>(), Arg.Any<CancellationToken>()).Returns(claim);

    private void AssertNothingWritten()
    {
        _host.IdempotencyStore.DidNotReceiveWithAnyArgs().Add<MessageView>(null!, default, null!, null!);
        _host.Sessions.DidNotReceiveWithAnyArgs().FindForUpdate(default, null!, TestContext.Current.CancellationToken);
    }

    private Task<Result<IdempotentResult<MessageView>>> Append(Caller? caller = null) =>
        _host.Send(new AppendMessage(caller ?? Callers.Ada, _session.Id, MessageRole.User, Given.Content("x"), null, null, Key));
}
