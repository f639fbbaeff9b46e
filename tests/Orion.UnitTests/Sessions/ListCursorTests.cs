using System.Globalization;
using CsCheck;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;
using static Orion.UnitTests.Fixtures.ListGenerators;

namespace Orion.UnitTests.Sessions;

public sealed class ListCursorTests
{
    [Fact]
    public void A_cursor_of_sessions_is_at_most_256_visible_characters_and_decodes_to_its_position() =>
        Gen.Select(SessionLists, Places).Sample((list, place) =>
        {
            var cursor = ListCursor.Write(list, place);

            Assert.Equal(place, ListCursor.Read(cursor, list));
            Assert.Equal(place, ListCursor.Read(cursor, list with { }));
            Assert.InRange(cursor.Length, 1, ListCursor.MaxLength);
            Assert.All(cursor, symbol => Assert.True(char.IsAsciiLetterOrDigit(symbol) || symbol is '-' or '_'));
        });

    [Fact]
    public void A_cursor_of_messages_decodes_to_its_position() =>
        Gen.Select(MessageLists, Gen.Int[1, int.MaxValue]).Sample((list, sequence) =>
        {
            var cursor = ListCursor.Write(list, sequence);

            Assert.Equal(sequence, ListCursor.Read(cursor, list));
            Assert.InRange(cursor.Length, 1, ListCursor.MaxLength);
        });

    [Fact]
    public void A_cursor_of_another_list_is_rejected() =>
        Gen.Select(SessionLists, SessionLists, Places).Sample((list, other, place) =>
            Assert.Equal(list == other ? place : null, ListCursor.Read(ListCursor.Write(list, place), other)));

    [Fact]
    public void A_cursor_of_another_sessions_messages_is_rejected() =>
        Gen.Select(MessageLists, MessageLists, Gen.Int[1, 1000]).Sample((list, other, sequence) =>
            Assert.Equal(list == other ? sequence : null, ListCursor.Read(ListCursor.Write(list, sequence), other)));

    [Fact]
    public void Cursors_of_sessions_and_of_messages_are_not_interchangeable() =>
        Gen.Select(SessionLists, Places, MessageLists, Gen.Int[1, 1000]).Sample((sessions, place, messages, sequence) =>
        {
            Assert.Null(ListCursor.Read(ListCursor.Write(sessions, place), messages));
            Assert.Null(ListCursor.Read(ListCursor.Write(messages, sequence), sessions));
        });

    [Fact]
    public void A_cursor_that_is_shortened_lengthened_or_padded_is_rejected() =>
        Gen.Select(SessionLists, Places, Gen.Int[1, 53]).Sample((list, place, length) =>
        {
            var cursor = ListCursor.Write(list, place);

            string[] changed = [cursor[..length], cursor + "A", cursor + "=", cursor + "==", " " + cursor, cursor + "\n", cursor + cursor];
            Assert.All(changed, text => Assert.Null(ListCursor.Read(text, list)));
        });

    [Fact]
    public void A_cursor_is_the_same_in_every_culture()
    {
        var list = Given.Sessions with { From = DateTimeOffset.UnixEpoch };
        var place = new SessionPosition(DateTimeOffset.UnixEpoch, SessionId.Unassigned);
        var before = CultureInfo.CurrentCulture;
        var cursors = new List<string>();
        try
        {
            foreach (var culture in new[] { "", "fa-IR", "tr-TR", "sv-SE" })
            {
                CultureInfo.CurrentCulture = new CultureInfo(culture);
                cursors.Add(ListCursor.Write(list, place));
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        Assert.Single(cursors.Distinct());
    }
}
