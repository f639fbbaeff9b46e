using Orion.Application.Import;
using Orion.Application.Import.Legacy;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Import;

/// <summary>How a legacy session is converted.</summary>
public sealed class LegacySessionReaderTests
{
    private static readonly DateTimeOffset At = new(2025, 10, 13, 8, 6, 29, 640, TimeSpan.Zero);
    private readonly List<(ImportWarning Warning, string LegacyId)> _warnings = [];

    [Fact]
    public void A_new_id_is_a_version_7_UUID_of_the_rows_time_and_the_same_in_each_run()
    {
        var id = Read(Legacy("session_1760341989640_0qlzxmdkmjjj")).Session!.Id;

        Assert.Equal(id, Read(Legacy("session_1760341989640_0qlzxmdkmjjj")).Session!.Id);
        Assert.NotEqual(id, Read(Legacy("session_1760341989640_0qlzxmdkmjjk")).Session!.Id);
        Assert.Equal((7, 8), (id.Value.Version, id.Value.Variant & 0xC));
        Assert.StartsWith(Guid.CreateVersion7(At).ToString()[..13], id.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0B7E6C1C-61d0-4c25-9d62-0d1f53a1c7de", true)]
    [InlineData("00000000-0000-0000-0000-000000000000", false)]
    [InlineData("{0b7e6c1c-61d0-4c25-9d62-0d1f53a1c7de}", false)]
    public void An_id_is_kept_where_it_is_a_UUID_as_Orion_spells_them(string old, bool isKept)
    {
        var session = Read(Legacy(old)).Session!;

        Assert.Equal(isKept, session.Id.Value == Guid.Parse(old));
        Assert.Equal(isKept ? "{}" : $$"""{"importedFrom": "{{old}}"}""", session.Metadata.Json);
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("  ", null, null)]
    [InlineData("New Chat", null, null)]
    [InlineData("New Chat", "First", "New Chat")]
    [InlineData("Mine", null, "Mine")]
    public void A_title_is_kept_and_a_missing_one_is_derived_from_the_first_message(string? title, string? first, string? expected) =>
        Assert.Equal(expected, Read(Legacy("s") with { Title = title, FirstMessage = Text(first) }).Session!.Title?.Value);

    [Fact]
    public void A_title_that_is_too_long_is_cut_between_clusters()
    {
        var family = "👩‍👩‍👧";
        var title = Read(Legacy("s") with { Title = new string('t', 198) + family }).Session!.Title!;

        Assert.Equal(new string('t', 198), title.Value);
        Assert.Equal([(ImportWarning.TitleCut, "s")], _warnings);
    }

    [Theory]
    [InlineData("Hello", "Hello", false)]
    [InlineData(" Hello ", "Hello\n", false)]
    [InlineData("Hello", "Hello there", true)]
    [InlineData("The beginning of a long question, which the old service cut at ...", "The beginning of a long question, which the old service cut at some place", false)]
    [InlineData("Hello", null, true)]
    [InlineData(" ", null, false)]
    [InlineData(null, "Hello", false)]
    public void A_first_message_is_stored_where_no_message_of_the_user_is_it(string? first, string? content, bool isStored)
    {
        List<LegacyMessage> head = [Message("a", "assistant", "Welcome")];
        if (content is not null) head.Add(Message("u", "user", content));
        var reading = Read(Legacy("s") with { FirstMessage = Text(first) }, head);

        var stored = reading.ReadFirstMessage(head);

        Assert.Equal(isStored, stored is not null);
        if (stored is not null) Assert.Equal((MessageRole.User, first, At), (stored.Role, stored.Content.Value, stored.CreatedAt));
    }

    [Fact]
    public void Times_never_go_back_within_a_session_and_a_missing_one_is_that_of_the_previous_message()
    {
        List<LegacyMessage> rows =
        [
            Message("1", "user", "a") with { CreatedAt = At.AddSeconds(-5) }, Message("2", "user", "b") with { CreatedAt = At.AddTicks(5) },
            Message("3", "user", "c") with { CreatedAt = null },
        ];
        var reading = Read(Legacy("s") with { UpdatedAt = At.AddDays(-1) }, rows);

        Assert.Equal([At.AddSeconds(-5), At, At], rows.Select(row => reading.Read(row)!.CreatedAt));
        Assert.Equal((At, At), (reading.Session!.CreatedAt, reading.Session.UpdatedAt));
    }

    [Fact]
    public void A_session_without_any_time_is_skipped()
    {
        Assert.Null(Read(Legacy("s") with { CreatedAt = null, UpdatedAt = null }).Session);
        Assert.Equal([(ImportWarning.SessionWithoutTime, "s")], _warnings);
    }

    [Theory]
    [InlineData("tool", "x", ImportWarning.OtherRole)]
    [InlineData("User", "x", ImportWarning.OtherRole)]
    [InlineData(null, "x", ImportWarning.OtherRole)]
    [InlineData("user", "", ImportWarning.Empty)]
    [InlineData("user", null, ImportWarning.Empty)]
    [InlineData("user", "a\0b", ImportWarning.NotStorable)]
    public void A_message_that_cannot_be_imported_is_skipped_with_a_warning(string? role, string? text, ImportWarning warning)
    {
        Assert.Null(Read(Legacy("s")).Read(Message("m", role, text)));
        Assert.Equal([(warning, "m")], _warnings);
    }

    [Theory]
    [InlineData(null, """{"importedFrom": "m"}""", null)]
    [InlineData("null", """{"importedFrom": "m"}""", null)]
    [InlineData("{ }", """{ "importedFrom": "m"}""", null)]
    [InlineData("""{"b": "}", "a":1e400 }""", """{"b": "}", "a":1e400 , "importedFrom": "m"}""", null)]
    [InlineData("[1]", """{"importedFrom": "m"}""", ImportWarning.MetadataNoObject)]
    [InlineData("{", """{"importedFrom": "m"}""", ImportWarning.MetadataNoObject)]
    [InlineData("""{"importedFrom":7}""", """{"importedFrom":7}""", ImportWarning.NoOldId)]
    public void Metadata_keeps_its_text_and_gets_the_legacy_id_at_its_end(string? old, string expected, ImportWarning? warning)
    {
        var message = Read(Legacy("s")).Read(Message("m", "user", "x") with { Metadata = Text(old) })!;

        Assert.Equal(expected, message.Metadata.Json);
        Assert.Equal(warning is { } one ? [(one, "m")] : [], _warnings);
    }

    [Fact]
    public void Metadata_without_space_for_the_legacy_id_is_kept_and_larger_metadata_is_left_out()
    {
        var full = $$"""{"a":"{{new string('x', Metadata.MaxBytes - 8)}}"}""";
        var reading = Read(Legacy("s"));

        Assert.Equal(full, reading.Read(Message("m", "user", "x") with { Metadata = Text(full) })!.Metadata.Json);
        Assert.Equal("""{"importedFrom": "n"}""", reading.Read(Message("n", "user", "x") with { Metadata = new LegacyText(null, true) })!.Metadata.Json);
        Assert.Equal([(ImportWarning.NoOldId, "m"), (ImportWarning.MetadataTooLarge, "n")], _warnings);
    }

    [Fact]
    public void A_legacy_id_cannot_inject_JSON()
    {
        var message = Read(Legacy("s")).Read(Message("\"} \u202e", "user", "x"))!;

        using var document = System.Text.Json.JsonDocument.Parse(message.Metadata.Json);
        Assert.Equal("\"} \u202e", document.RootElement.GetProperty("importedFrom").GetString());
    }

    private static LegacyText Text(string? text) => new(text, false);

    private static LegacySession Legacy(string id) => new(id, "owner@example.com", null, Text(null), Text(null), At, At);

    private static LegacyMessage Message(string id, string? role, string? text) => new("s", id, role, Text(text), Text(null), At);

    private LegacySessionReader Read(LegacySession old, IReadOnlyList<LegacyMessage>? head = null) =>
        new(old, head ?? [], (warning, id) => _warnings.Add((warning, id)));
}
