using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Replies;

public sealed class ReplyTests
{
    private static readonly DateTimeOffset Later = Given.Now.AddMinutes(1);

    [Fact]
    public void A_reply_begins_streaming_and_its_message_does_not_exist_yet()
    {
        var session = Given.NewSession();

        var reply = Begin(session);

        Assert.True(reply.IsStreaming);
        Assert.Equal((session.OwnerId, session.Id, Given.Now), (reply.OwnerId, reply.SessionId, reply.CreatedAt));
        Assert.Null(reply.FinishedAt);
        Assert.Null(reply.FinishReason);
        Assert.Equal(0, session.MessageCount);
    }

    [Fact]
    public void A_reply_does_not_begin_in_an_archived_session()
    {
        var session = Given.NewSession();
        session.Archive(Given.Now);

        Assert.Equal(SessionErrors.Archived, Reply.Begin(session, "model", InstanceId.New(Given.Now), Given.Now).Error);
    }

    [Fact]
    public void Its_text_becomes_the_message_with_the_announced_id()
    {
        var session = Given.StoredSession();
        var reply = Begin(session);

        var message = reply.End(session, "Hello", ReplyEnd.Completed(isTruncated: true), Given.Metadata("""{"model":"model"}"""), Later)!;

        Assert.Equal((reply.MessageId, MessageRole.Assistant, "Hello", 1), (message.Id, message.Role, message.Content.Value, message.Sequence));
        Assert.Equal((ReplyStatus.Completed, FinishReason.Length, Later), (reply.Status, reply.FinishReason, reply.FinishedAt));
        Assert.Equal(("Hello", 2L, Later), (session.LastMessage, session.Version, session.UpdatedAt));
    }

    [Fact]
    public void Without_text_there_is_no_message_and_the_session_does_not_change()
    {
        var session = Given.StoredSession();
        var reply = Begin(session);

        Assert.Null(reply.End(session, "", ReplyEnd.Failed(ModelFailure.Busy), Metadata.Empty, Later));

        Assert.Equal((ReplyStatus.Failed, FinishReason.Error, ModelFailure.Busy), (reply.Status, reply.FinishReason, reply.Failure));
        Assert.Equal((0, 1L), (session.MessageCount, session.Version));
    }

    [Fact]
    public void It_ends_once()
    {
        var session = Given.NewSession();
        var reply = Begin(session);
        reply.End(session, "", ReplyEnd.Stopped, Metadata.Empty, Later);

        Assert.Throws<InvalidOperationException>(() => reply.End(session, "Late", ReplyEnd.Completed(false), Metadata.Empty, Later));
        Assert.Equal((ReplyStatus.Stopped, 0), (reply.Status, session.MessageCount));
    }

    [Fact]
    public void It_ends_only_in_its_own_session()
    {
        var reply = Begin(Given.NewSession());

        Assert.Throws<ArgumentException>(() => reply.End(Given.NewSession(), "x", ReplyEnd.Stopped, Metadata.Empty, Later));
        Assert.True(reply.IsStreaming);
    }

    [Fact]
    public void Its_text_is_kept_even_if_a_version_without_replies_has_archived_the_session()
    {
        var session = Given.NewSession();
        var reply = Begin(session);
        session.Archive(Later);

        Assert.NotNull(reply.End(session, "Hello", ReplyEnd.Interrupted, Metadata.Empty, Later));
        Assert.Equal(1, session.MessageCount);
    }

    [Fact]
    public void A_clock_that_was_set_back_does_not_end_it_before_its_beginning()
    {
        var session = Given.NewSession();
        var reply = Begin(session);

        reply.End(session, "", ReplyEnd.Stopped, Metadata.Empty, Given.Now.AddHours(-1));

        Assert.Equal(Given.Now, reply.FinishedAt);
    }

    public static TheoryData<ReplyEnd> Ends { get; } =
    [
        ReplyEnd.Completed(isTruncated: false), ReplyEnd.Completed(isTruncated: true), ReplyEnd.Stopped, ReplyEnd.Interrupted,
        ReplyEnd.Failed(ModelFailure.Refused), ReplyEnd.Failed(ModelFailure.Timeout),
    ];

    [Theory]
    [MemberData(nameof(Ends), DisableDiscoveryEnumeration = true)]
    public void It_knows_how_it_ended(ReplyEnd end)
    {
        var session = Given.NewSession();
        var reply = Begin(session);
        Assert.Throws<InvalidOperationException>(() => reply.HowItEnded());

        reply.End(session, "", end, Metadata.Empty, Later);

        Assert.Equal(end, reply.HowItEnded());
    }

    private static Reply Begin(Session session) => Reply.Begin(session, "model", InstanceId.New(Given.Now), Given.Now).Value;
}
