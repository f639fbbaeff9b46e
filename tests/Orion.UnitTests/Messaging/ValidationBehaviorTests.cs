using NSubstitute;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Messaging;

public sealed class ValidationBehaviorTests : IDisposable
{
    private const string NotStorable = "The text must not contain NUL or unpaired surrogates.";
    private static readonly SessionList List = new(SessionSort.UpdatedAt, SortOrder.Descending, ArchivedFilter.Any, null, null);
    private static readonly SessionId Id = SessionId.New(Given.Now);

    private readonly ApplicationHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Every_invalid_member_of_a_new_session_is_named_in_camel_case()
    {
        var outcome = await _host.Send(new CreateSession(Callers.Ada, SessionTitle.Parse(" "), MessageContent.Parse("a\0"), Metadata.Parse("[]")));

        AssertRejected(
            outcome.Error,
            ("title", "The title must not be blank."),
            ("firstMessage", NotStorable),
            ("metadata", "The metadata must be a JSON object."));
    }

    [Fact]
    public async Task Every_invalid_member_of_a_message_is_named()
    {
        var outcome = await _host.Send(new AppendMessage(Callers.Ada, Id, MessageRoles.Parse("system"), null, Metadata.Parse("{")));

        AssertRejected(
            outcome.Error,
            ("role", "The role must be \"user\" or \"assistant\"."),
            ("content", "The content is missing."),
            ("metadata", "The metadata must be a JSON object."));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("USER")]
    public async Task A_message_needs_a_role(string? role) =>
        AssertRejected(
            (await _host.Send(new AppendMessage(Callers.Ada, Id, role is null ? null : MessageRoles.Parse(role), Given.Content("Hi")))).Error,
            ("role", "The role must be \"user\" or \"assistant\"."));

    [Fact]
    public async Task A_message_needs_a_content_that_is_not_too_long()
    {
        AssertRejected(
            (await _host.Send(new AppendMessage(Callers.Ada, Id, MessageRole.User, MessageContent.Parse("")))).Error,
            ("content", "The text must not be empty."));
        AssertRejected(
            (await _host.Send(new AppendMessage(Callers.Ada, Id, MessageRole.User, MessageContent.Parse(new string('a', 100_001))))).Error,
            ("content", "The text must have at most 100000 characters."));
    }

    [Fact]
    public async Task Every_invalid_member_of_a_change_is_named()
    {
        var outcome = await _host.Send(
            new UpdateSession(
                Callers.Ada,
                Id,
                ExpectedVersions.Any,
                SessionTitle.Parse(new string('a', 201)),
                RequestErrors.InvalidMember("It must be true or false."),
                Metadata.Parse(new string(' ', Metadata.MaxBytes + 1))));

        AssertRejected(
            outcome.Error,
            ("title", "The title must have at most 200 characters."),
            ("archived", "It must be true or false."),
            ("metadata", "The metadata must have at most 16384 bytes."));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1001)]
    [InlineData(int.MaxValue)]
    public async Task A_limit_is_from_1_to_1_000(int limit)
    {
        AssertRejected(
            (await _host.Send(new ListSessions(Callers.Ada, List, limit, null))).Error,
            ("limit", "The limit must be from 1 to 1000."));
        AssertRejected(
            (await _host.Send(new ListMessages(Callers.Ada, new(Id, default), limit, null))).Error,
            ("limit", "The limit must be from 1 to 1000."));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task Both_ends_of_the_limit_are_accepted(int limit)
    {
        ListsAreEmpty();

        Assert.Null((await _host.Send(new ListSessions(Callers.Ada, List, limit, null))).Error);
        Assert.Null((await _host.Send(new ListMessages(Callers.Ada, new(Id, default), limit, null))).Error);
        Assert.Null((await _host.Send(new ListMessages(Callers.Ada, new(Id, default), null, null))).Error);
    }

    [Fact]
    public async Task An_end_date_before_the_start_date_is_accepted_and_has_nothing_in_between()
    {
        ListsAreEmpty();

        var outcome = await _host.Send(new ListSessions(Callers.Ada, List with { From = Given.Now, To = Given.Now.AddTicks(-1) }, 1, null));

        Assert.Empty(outcome.Value.Sessions);
    }

    [Fact]
    public async Task One_date_and_two_equal_ones_are_accepted()
    {
        ListsAreEmpty();

        foreach (var list in new[]
        {
            List with { From = Given.Now },
            List with { To = Given.Now },
            List with { From = Given.Now, To = Given.Now },
        })
        {
            Assert.Null((await _host.Send(new ListSessions(Callers.Ada, list, 1, null))).Error);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    public async Task A_blank_first_message_is_valid(string blank) =>
        Assert.Null((await _host.Send(new CreateSession(Callers.Ada, FirstMessage: MessageContent.ParseOptional(blank)))).Error);

    private void ListsAreEmpty()
    {
        var token = TestContext.Current.CancellationToken;
        _host.Sessions.List(default!, default!, default!, token).ReturnsForAnyArgs(new Page<Session>([], PageEnd.Complete));
        _host.Sessions.ListMessages(default!, default!, default!, token).ReturnsForAnyArgs(new Page<Message>([], PageEnd.Complete));
    }

    private void AssertRejected(Error? error, params (string Member, string Message)[] members)
    {
        Assert.NotNull(error);
        Assert.Equal((ErrorKind.Invalid, "validation_failed"), (error.Kind, error.Code));
        Assert.Equal(
            members.Select(member => $"{member.Member}: {member.Message}").Order(),
            error.Members!.Select(member => $"{member.Key}: {string.Join(" | ", member.Value)}").Order());
        Assert.Empty(_host.Sessions.ReceivedCalls());
        Assert.Empty(_host.Work.ReceivedCalls());
    }
}
