using Orion.Domain.Sessions;

namespace Orion.UnitTests.Messages;

public sealed class SessionMessagesTests
{
    [Fact]
    public void A_session_without_a_title_is_called_New_Chat()
    {
        var session = Given.NewSession();

        Assert.Null(session.Title);
        Assert.Equal("New Chat", session.DisplayTitle.Value);
    }

    [Fact]
    public void The_first_message_of_the_user_names_the_session()
    {
        var session = Given.NewSession();

        session.Append("  How do stars form?  ");

        Assert.Equal("How do stars form?", session.DisplayTitle.Value);
    }

    [Fact]
    public void A_later_message_names_nothing()
    {
        var session = Given.NewSession();
        session.Append("First");

        session.Append("Second");

        Assert.Equal("First", session.DisplayTitle.Value);
    }

    [Fact]
    public void A_message_of_the_assistant_names_nothing_and_the_users_first_one_after_it_does()
    {
        var session = Given.NewSession();

        session.Append("Welcome!", MessageRole.Assistant);
        Assert.Equal("New Chat", session.DisplayTitle.Value);

        session.Append("Hello");
        Assert.Equal("Hello", session.DisplayTitle.Value);
        Assert.Equal("Welcome!", session.FirstMessage);
    }

    [Fact]
    public void A_blank_message_names_nothing_and_the_next_one_does()
    {
        var session = Given.NewSession();

        session.Append(" \n ");
        Assert.Equal("New Chat", session.DisplayTitle.Value);

        session.Append("Hello");
        Assert.Equal("Hello", session.DisplayTitle.Value);
    }

    [Theory]
    [InlineData("Stars")]
    [InlineData("New Chat")]
    public void A_title_that_was_given_at_the_start_stays(string title)
    {
        var session = Given.NewSession(Given.Title(title));

        session.Append("Hello");

        Assert.Equal(title, session.DisplayTitle.Value);
    }

    [Theory]
    [InlineData("Stars")]
    [InlineData("New Chat")]
    public void A_title_that_was_given_later_stays(string title)
    {
        var session = Given.StoredSession();

        session.Rename(Given.Title(title), Given.Now);
        session.Append("Hello");

        Assert.Equal(title, session.DisplayTitle.Value);
    }

    [Fact]
    public void A_derived_title_can_be_changed_and_stays_changed()
    {
        var session = Given.StoredSession();
        session.Append("Hello");

        session.Rename(Given.Title("Stars"), Given.Now);
        session.Append("Again");

        Assert.Equal("Stars", session.DisplayTitle.Value);
    }

    [Fact]
    public void Messages_are_numbered_1_2_3_and_have_their_content()
    {
        var session = Given.NewSession();
        var metadata = Given.Metadata("{\"model\":\"x\"}");

        var first = session.Append("Hello");
        var second = session.Append(MessageRole.Assistant, Given.Content("Hi"), metadata, Given.Now.AddSeconds(1)).Value;

        Assert.Equal((1, 2), (first.Sequence, second.Sequence));
        Assert.Equal(2, session.MessageCount);
        Assert.Equal(session.Id, second.SessionId);
        Assert.Equal(session.OwnerId, second.OwnerId);
        Assert.Equal(MessageRole.User, first.Role);
        Assert.Equal(MessageRole.Assistant, second.Role);
        Assert.Equal("Hi", second.Content.Value);
        Assert.Equal(metadata, second.Metadata);
        Assert.Equal(Given.Now.AddSeconds(1), second.CreatedAt);
        Assert.Equal(7, second.Id.Value.Version);
        Assert.NotEqual(first.Id, second.Id);
    }

    [Fact]
    public void The_first_message_stays_and_the_last_one_follows()
    {
        var session = Given.NewSession();

        session.Append("one");
        Assert.Equal(("one", "one"), (session.FirstMessage, session.LastMessage));

        session.Append("two", MessageRole.Assistant);
        Assert.Equal(("one", "two"), (session.FirstMessage, session.LastMessage));
    }

    [Fact]
    public void First_and_last_message_are_previews_of_1_000_characters_and_the_message_is_whole()
    {
        var session = Given.NewSession();
        var first = session.Append(GraphemeClusters.Rocket.Times(1_001));
        var last = session.Append("a".Times(999) + GraphemeClusters.Accented);

        Assert.Equal(GraphemeClusters.Rocket.Times(1_000), session.FirstMessage);
        Assert.Equal("a".Times(999), session.LastMessage);
        Assert.Equal(GraphemeClusters.Rocket.Times(1_001), first.Content.Value);
        Assert.Equal("a".Times(999) + GraphemeClusters.Accented, last.Content.Value);
    }

    [Fact]
    public void A_preview_of_exactly_1_000_characters_is_whole()
    {
        var session = Given.NewSession();

        session.Append("a".Times(1_000));

        Assert.Equal("a".Times(1_000), session.FirstMessage);
        Assert.Equal("a".Times(1_000), session.LastMessage);
    }
}
