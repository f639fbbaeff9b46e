using Orion.Application.Import.Legacy;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Import;

/// <summary>What becomes of a session of the old service.</summary>
public sealed class LegacySessionReaderTests
{
    private static readonly DateTimeOffset At = new(2025, 10, 13, 8, 6, 29, 640, TimeSpan.Zero);
    private readonly List<(ImportWarning ImportWarning, string OldId)> _remarks = [];

    [Fact]
    public void A_new_id_is_a_version_7_UUID_of_the_rows_time_and_the_same_in_each_run()
    {
        var id = Read(Old("session_1760341989640_0qlzxmdkmjjj")).Session!.Id;

        Assert.Equal(id, Read(Old("session_1760341989640_0qlzxmdkmjjj")).Session!.Id);
        Assert.NotEqual(id, Read(Old("session_1760341989640_0qlzxmdkmjjk")).Session!.Id);
        Assert.Equal((7, 8), (id.Value.Version, id.Value.Variant & 0xC));
        Assert.StartsWith(Guid.CreateVersion7(At).ToString()[..13], id.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0B7E6C1C-61d0-4c25-9d62-0d1f53a1c7de", true)]
    [InlineData("00000000-0000-0000-0000-000000000000", false)]
    [InlineData("{0b7e6c1c-61d0-4c25-9d62-0d1f53a1c7de}", false)]
    public void An_id_is_kept_where_it_is_a_UUID_as_Orion_spells_them(string old, bool isKept)
    {
        var session = Read(Old(old)).Session!;

        Assert.Equal(isKept, session.Id.Value == Guid.Parse(old));
        Assert.Equal(isKept ? "{}" : $$"""{"importedFrom": "{{old}}"}""", session.Metadata.Json);
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("  ", null, null)]
    [InlineData("New Chat", null, null)]
    [InlineData("New Chat", "First", "New Chat")]
    [InlineData("Mine", null, "Mine")]
    public void A_title_is_kept_and_none_is_left_to_the_first_message(string? title, string? first, string? expected) =>
        Assert.Equal(expected, Read(Old("s") with { Title = title, FirstMessage = Text(first) }).Session!.Title?.Value);

    [Fact]
    public void A_title_that_is_too_long_is_cut_between_clusters()
    {
        var family = "👩‍👩‍👧";
        var title = Read(Old("s") with { Title = new string('t', 198) + family }).Session!.Title!;

        Assert.Equal(new string('t', 198), title.Value);
        Assert.Equal([(ImportWarning.TitleCut, "s")], _remarks);
    }

    [Theory]
    [InlineData("Hello", "Hello", false)]
    [InlineData(" Hello ", "Hello\n", false)]
    [InlineData("Hello", "Hello there", true)]
    [InlineData("The beginning of a long question, which the old service cut at ...", "The beginning of a long question, which the old service cut at some place", false)]
    [InlineData("Hello", null, true)]
    [InlineData(" ", null, false)]
    [InlineData(null, "Hello", false)]
    public void A_first_message_is_stored_where_no_message_of_the_user_is_it(string? first, string? said, bool isStored)
    {
        List<LegacyMessage> head = [Said("a", "assistant", "Welcome")];
        if (said is not null) head.Add(Said("u", "user", said));
        var reading = Read(Old("s") with { FirstMessage = Text(first) }, head);

        var stored = reading.ReadFirstMessage(head);

        Assert.Equal(isStored, stored is not null);
        if (stored is not null) Assert.Equal((MessageRole.User, first, At), (stored.Role, stored.Content.Value, stored.CreatedAt));
    }

    [Fact]
    public void Times_never_go_back_within_a_session_and_what_has_none_takes_the_one_before()
    {
        List<LegacyMessage> rows =
        [
            Said("1", "user", "a") with { CreatedAt = At.AddSeconds(-5) }, Said("2", "user", "b") with { CreatedAt = At.AddTicks(5) },
            Said("3", "user", "c") with { CreatedAt = null },
        ];
        var reading = Read(Old("s") with { UpdatedAt = At.AddDays(-1) }, rows);

        Assert.Equal([At.AddSeconds(-5), At, At], rows.Select(row => reading.Read(row)!.CreatedAt));
        Assert.Equal((At, At), (reading.Session!.CreatedAt, reading.Session.UpdatedAt));
    }

    [Fact]
    public void A_session_without_any_time_is_left()
    {
        Assert.Null(Read(Old("s") with { CreatedAt = null, UpdatedAt = null }).Session);
        Assert.Equal([(ImportWarning.SessionWithoutTime, "s")], _remarks);
    }

    [Theory]
    [InlineData("tool", "x", ImportWarning.OtherRole)]
    [InlineData("User", "x", ImportWarning.OtherRole)]
    [InlineData(null, "x", ImportWarning.OtherRole)]
    [InlineData("user", "", ImportWarning.Empty)]
    [InlineData("user", null, ImportWarning.Empty)]
    [InlineData("user", "a\0b", ImportWarning.NotStorable)]
    public void A_message_that_Orion_cannot_take_is_left_with_the_reason(string? role, string? text, ImportWarning remark)
    {
        Assert.Null(Read(Old("s")).Read(Said("m", role, text)));
        Assert.Equal([(remark, "m")], _remarks);
    }

    [Theory]
    [InlineData(null, """{"importedFrom": "m"}""", null)]
    [InlineData("null", """{"importedFrom": "m"}""", null)]
    [InlineData("{ }", """{ "importedFrom": "m"}""", null)]
    [InlineData("""{"b": "}", "a":1e400 }""", """{"b": "}", "a":1e400 , "importedFrom": "m"}""", null)]
    [InlineData("[1]", """{"importedFrom": "m"}""", ImportWarning.MetadataNoObject)]
    [InlineData("{", """{"importedFrom": "m"}""", ImportWarning.MetadataNoObject)]
    [InlineData("""{"importedFrom":7}""", """{"importedFrom":7}""", ImportWarning.NoOldId)]
    public void Metadata_stays_as_it_was_written_with_the_old_id_behind_it(string? old, string expected, ImportWarning? remark)
    {
        var message = Read(Old("s")).Read(Said("m", "user", "x") with { Metadata = Text(old) })!;

        Assert.Equal(expected, message.Metadata.Json);
        Assert.Equal(remark is { } one ? [(one, "m")] : [], _remarks);
    }

    [Fact]
    public void Metadata_without_room_for_the_old_id_is_taken_as_it_is_and_larger_ones_are_left()
    {
        var full = $$"""{"a":"{{new string('x', Metadata.MaxBytes - 8)}}"}""";
        var reading = Read(Old("s"));

        Assert.Equal(full, reading.Read(Said("m", "user", "x") with { Metadata = Text(full) })!.Metadata.Json);
        Assert.Equal("""{"importedFrom": "n"}""", reading.Read(Said("n", "user", "x") with { Metadata = new LegacyText(null, true) })!.Metadata.Json);
        Assert.Equal([(ImportWarning.NoOldId, "m"), (ImportWarning.MetadataTooLarge, "n")], _remarks);
    }

    [Fact]
    public void An_old_id_cannot_write_JSON()
    {
        var message = Read(Old("s")).Read(Said("\"} \u202e", "user", "x"))!;

        using var document = System.Text.Json.JsonDocument.Parse(message.Metadata.Json);
        Assert.Equal("\"} \u202e", document.RootElement.GetProperty("importedFrom").GetString());
    }

    private static LegacyText Text(string? text) => new(text, false);

    private static LegacySession Old(string id) => new(id, "owner@example.com", null, Text(null), Text(null), At, At);

    private static LegacyMessage Said(string id, string? role, string? text) => new("s", id, role, Text(text), Text(null), At);

    private LegacySessionReader Read(LegacySession old, IReadOnlyList<LegacyMessage>? head = null) =>
        new(old, head ?? [], (remark, id) => _remarks.Add((remark, id)));
}
