using CsCheck;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Sessions;

public sealed class SessionTests
{
    private static readonly DateTimeOffset Now = Given.Now;
    private static readonly DateTimeOffset Later = Now.AddMinutes(1);
    private static readonly DateTimeOffset Earlier = Now.AddMinutes(-1);

    [Fact]
    public void A_new_session_is_empty_and_in_version_1()
    {
        var session = Given.NewSession();

        Assert.Equal(1, session.Version);
        Assert.Equal(Given.Owner, session.OwnerId);
        Assert.Equal(Now, session.CreatedAt);
        Assert.Equal(Now, session.UpdatedAt);
        Assert.Null(session.ArchivedAt);
        Assert.Equal(0, session.MessageCount);
        Assert.Equal("", session.FirstMessage);
        Assert.Equal("", session.LastMessage);
        Assert.Equal(Metadata.Empty, session.Metadata);
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(2 * 365 * 24 * 3600)]
    public void If_its_time_is_ahead_of_the_clock_tokens_are_rejected_by_the_clock(int seconds)
    {
        var session = Given.NewSession();
        session.Rename(Given.Title("Ahead"), Now.AddSeconds(seconds));

        session.Archive(Now);

        Assert.Equal(Now.NextSecond(), session.TokensValidFrom);
        Assert.Equal(Now.AddSeconds(seconds), session.UpdatedAt);
    }

    [Theory]
    [InlineData(59, true)]
    [InlineData(3600, false)]
    public void The_cutoff_of_tokens_never_goes_back_except_after_a_clock_that_was_ahead(int secondsAhead, bool stays)
    {
        var session = Given.NewSession();
        session.Archive(Now.AddSeconds(secondsAhead));
        session.Restore(Now);
        session.Archive(Now);

        Assert.Equal((stays ? Now.AddSeconds(secondsAhead) : Now).NextSecond(), session.TokensValidFrom);
    }

    [Fact]
    public void However_much_happens_before_the_first_save_the_version_is_1()
    {
        var session = Given.NewSession();

        session.Append("Hello");
        session.Rename(Given.Title("Other"), Later);
        session.Archive(Later);

        Assert.Equal(1, session.Version);
    }

    [Fact]
    public void The_version_grows_once_for_each_save_however_much_changes()
    {
        var session = Given.StoredSession();

        session.Rename(Given.Title("Other"), Later);
        session.ReplaceMetadata(Given.Metadata("{\"a\":1}"), Later);
        session.Append("Hello");
        session.Append("Again");
        session.Archive(Later);
        Assert.Equal(2, session.Version);

        session.Stored().Restore(Later);
        Assert.Equal(3, session.Version);
    }

    [Fact]
    public void Each_visible_change_grows_the_version_and_the_time_of_change()
    {
        Action<Session>[] changes =
        [
            session => session.Rename(Given.Title("Other"), Later),
            session => session.ReplaceMetadata(Given.Metadata("{\"a\":1}"), Later),
            session => session.Archive(Later),
            session => session.Append("Hello", after: Later - Now),
        ];
        foreach (var change in changes)
        {
            var session = Given.StoredSession();
            change(session);
            Assert.Equal(2, session.Version);
            Assert.Equal(Later, session.UpdatedAt);
            Assert.Equal(Now, session.CreatedAt);
        }
    }

    [Fact]
    public void An_operation_without_a_change_keeps_version_and_time()
    {
        var session = Given.StoredSession(Given.Title("Mine"));

        session.Rename(Given.Title("Mine"), Later);
        session.ReplaceMetadata(Given.Metadata("{}"), Later);
        session.Restore(Later);
        Assert.Equal(1, session.Version);
        Assert.Equal(Now, session.UpdatedAt);

        session.Archive(Later);
        session.Stored().Archive(Later.AddDays(1));
        Assert.Equal(2, session.Version);
        Assert.Equal(Later, session.UpdatedAt);
        Assert.Equal(Later, session.ArchivedAt);
    }

    [Fact]
    public void The_time_of_change_never_goes_back()
    {
        var session = Given.StoredSession();

        session.Rename(Given.Title("Other"), Earlier);
        Assert.Equal(Now, session.UpdatedAt);
        Assert.Equal(2, session.Version);

        session.Archive(Earlier);
        Assert.Equal(Now, session.ArchivedAt);
    }

    [Fact]
    public void A_message_is_never_older_than_the_one_before_it()
    {
        var session = Given.StoredSession();
        var first = session.Append("Hello", after: TimeSpan.FromSeconds(5));
        var second = session.Stored().Append("Again", after: TimeSpan.FromSeconds(-5));

        Assert.Equal(Now.AddSeconds(5), first.CreatedAt);
        Assert.Equal(first.CreatedAt, second.CreatedAt);
        Assert.Equal(second.CreatedAt, session.UpdatedAt);
    }

    [Fact]
    public void Whatever_happens_in_whatever_order_version_and_time_never_go_back_and_sequences_have_no_gaps() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[-3, 3]).Array[0, 30].Sample(
            steps =>
            {
                var session = Given.StoredSession();
                foreach (var (step, minutes) in steps)
                {
                    var (version, updatedAt, count) = (session.Version, session.UpdatedAt, session.MessageCount);
                    Do(session.Stored(), step, Now.AddMinutes(minutes));

                    Assert.InRange(session.Version, version, version + 1);
                    Assert.InRange(session.MessageCount, count, count + 1);
                    Assert.True(session.UpdatedAt >= updatedAt);
                    if (session.UpdatedAt > updatedAt || session.MessageCount > count) Assert.Equal(version + 1, session.Version);
                }
            },
            iter: 500);

    [Fact]
    public void An_archived_session_accepts_no_message_and_does_not_change()
    {
        var session = Given.StoredSession();
        session.Append("Hello");
        session.Stored().Archive(Now);

        var rejected = session.Stored().Append(MessageRole.User, Given.Content("Again"), Metadata.Empty, Later);

        Assert.Equal(SessionErrors.Archived, rejected.Error);
        Assert.Equal(3, session.Version);
        Assert.Equal(1, session.MessageCount);
        Assert.Equal("Hello", session.LastMessage);
        Assert.Equal(Now, session.UpdatedAt);
    }

    [Fact]
    public void A_restored_session_accepts_messages_again()
    {
        var session = Given.StoredSession();
        session.Archive(Now);
        session.Restore(Later);

        Assert.Null(session.ArchivedAt);
        Assert.Equal(1, session.Append("Hello").Sequence);
    }

    [Fact]
    public void An_archived_session_can_be_renamed_and_described()
    {
        var session = Given.StoredSession();
        session.Archive(Now);

        session.Stored().Rename(Given.Title("Old"), Later);
        session.ReplaceMetadata(Given.Metadata("{\"a\":1}"), Later);

        Assert.Equal("Old", session.DisplayTitle.Value);
        Assert.Equal("{\"a\":1}", session.Metadata.Json);
        Assert.Equal(Now, session.ArchivedAt);
    }

    private static void Do(Session session, int step, DateTimeOffset now)
    {
        switch (step)
        {
            case 0:
                session.Rename(Given.Title("A"), now);
                break;
            case 1:
                session.Rename(Given.Title("B"), now);
                break;
            case 2:
                session.Archive(now);
                break;
            case 3:
                session.Restore(now);
                break;
            default:
                var appended = session.Append(MessageRole.Assistant, Given.Content("x"), Metadata.Empty, now);
                if (appended.Error is null) Assert.Equal(session.MessageCount, appended.Value.Sequence);
                else Assert.NotNull(session.ArchivedAt);
                break;
        }
    }
}
