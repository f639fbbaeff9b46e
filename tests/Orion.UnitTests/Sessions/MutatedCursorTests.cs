using CsCheck;
using NSubstitute;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain.Sessions;
using static Orion.UnitTests.Fixtures.ListGenerators;

namespace Orion.UnitTests.Sessions;

public sealed class MutatedCursorTests
{
    private const string Symbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= \n\0\u00e9\ud83d";

    // The characters that contain only the digest of the list: 16 bytes are 21 characters and a part of one.
    private const int DigestCharacters = 21;

    private static readonly Gen<(int At, char Symbol)[]> Mutations =
        Gen.Select(Gen.Int[0, 255], Gen.Int[0, Symbols.Length - 1].Select(i => Symbols[i])).Array[1, 3];

    [Theory]
    [InlineData("!AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB")]
    public async Task A_cursor_of_the_right_length_that_is_not_base64url_is_invalid(string cursor)
    {
        var sessions = Substitute.For<ISessions>();
        var query = new ListSessions(Callers.Ada, new(default, default, default, null, null), 1, cursor);

        var outcome = await new ListSessionsHandler(sessions).Handle(query, TestContext.Current.CancellationToken);

        Assert.Equal(RequestErrors.InvalidCursor, outcome.Error);
        Assert.Empty(sessions.ReceivedCalls());
    }

    // A cursor is not secret: a client may build one for another position of the same list. But every character is significant.
    [Fact]
    public void A_mutated_cursor_is_rejected_or_is_exactly_the_cursor_of_another_position() =>
        Gen.Select(SessionLists, Places, Mutations).Sample(
            (list, place, mutations) =>
            {
                var cursor = ListCursor.Write(list, place);
                var mutated = Mutate(cursor, mutations);
                if (ListCursor.Read(mutated, list) is not { } read) return;
                Assert.Equal(mutated, ListCursor.Write(list, read));
                Assert.Equal(mutated == cursor, read == place);
            },
            iter: 5_000);

    [Fact]
    public void A_mutated_cursor_of_messages_is_rejected_or_is_exactly_the_cursor_of_another_position() =>
        Gen.Select(MessageLists, Gen.Int[1, 1000], Mutations).Sample(
            (list, sequence, mutations) =>
            {
                var mutated = Mutate(ListCursor.Write(list, sequence), mutations);
                if (ListCursor.Read(mutated, list) is not { } read) return;
                Assert.True(read > 0);
                Assert.Equal(mutated, ListCursor.Write(list, read));
            },
            iter: 5_000);

    [Fact]
    public void A_cursor_whose_list_is_mutated_is_rejected() =>
        Gen.Select(SessionLists, Places, Gen.Int[0, DigestCharacters - 1], Gen.Int[0, Symbols.Length - 1]).Sample(
            (list, place, at, symbol) =>
            {
                var cursor = ListCursor.Write(list, place);
                var mutated = Mutate(cursor, [(at, Symbols[symbol])]);
                Assert.Equal(mutated == cursor, ListCursor.Read(mutated, list) is not null);
            },
            iter: 2_000);

    [Fact]
    public void Any_text_is_read_without_an_exception() =>
        Gen.Int[0, Symbols.Length - 1].Array[0, 300].Sample(
            picked =>
            {
                var text = new string(picked.Select(i => Symbols[i]).ToArray());
                Assert.Null(ListCursor.Read(text, Given.Sessions));
                Assert.Null(ListCursor.Read(text, new MessageList(SessionId.Unassigned, default)));
            },
            iter: 2_000);

    private static string Mutate(string cursor, (int At, char Symbol)[] mutations)
    {
        var text = cursor.ToCharArray();
        foreach (var (at, symbol) in mutations) text[at % text.Length] = symbol;
        return new string(text);
    }
}
