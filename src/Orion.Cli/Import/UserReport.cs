using Orion.Application.Import;
using Orion.Cli.Reporting;

namespace Orion.Cli.Import;

/// <summary>Reports what was imported for a user, what was skipped, and why.</summary>
internal static class UserReport
{
    internal static object ToJson(UserImport user) => new
    {
        user = user.Caller.Email.Value,
        sessions = Numbers(user.Sessions),
        messages = Numbers(user.Messages),
        remarks = user.Warnings.Select(warning => new
        {
            remark = warning.Key,
            meaning = Describe(warning.Key),
            warning.Value.Count,
            examples = warning.Value.SourceIds.Select(id => Printable.Of(id)),
        }),
    };

    internal static void Write(TextWriter output, UserImport user)
    {
        output.WriteLine($"{user.Caller.Email}: {Text(user.Sessions, "sessions")}; {Text(user.Messages, "messages")}");
        foreach (var (warning, examples) in user.Warnings)
        {
            var more = examples.Count > examples.SourceIds.Count ? ", ..." : "";
            output.WriteLine($"  {examples.Count} {Describe(warning)} ({string.Join(", ", examples.SourceIds.Select(id => Printable.Of(id)))}{more})");
        }
    }

    private static string Text(UserImport.ImportCounts counts, string what) =>
        $"{counts.Found} {what}, {counts.Added} imported, {counts.Existing} already here, {counts.Skipped} skipped";

    private static object Numbers(UserImport.ImportCounts counts) =>
        new { counts.Found, counts.Added, wereHere = counts.Existing, left = counts.Skipped };

    private static string Describe(ImportWarning warning) => warning switch
    {
        ImportWarning.SessionTwice => "sessions skipped: an earlier session has the same id",
        ImportWarning.SessionWithoutTime => "sessions skipped with their messages: they have no time",
        ImportWarning.MessageWithoutId => "messages skipped: their ids are missing or longer than 255 characters",
        ImportWarning.OtherRole => "messages skipped: their role is neither user nor assistant",
        ImportWarning.Empty => "messages skipped: they are empty",
        ImportWarning.TooLong => "messages skipped: they are longer than 100,000 characters",
        ImportWarning.NotStorable => "messages skipped: their text has characters that no database can store",
        ImportWarning.MessageTwice => "messages skipped: an earlier message of the session has the same id",
        ImportWarning.OtherHere => "messages skipped: a different message has the same id here",
        ImportWarning.ContinuedHere => "messages skipped: their sessions have later messages here",
        ImportWarning.ArchivedHere => "messages skipped: their sessions are archived here",
        ImportWarning.DiffersHere => "sessions have another title or other metadata here, and keep them",
        ImportWarning.TitleCut => "titles cut at 200 characters",
        ImportWarning.MetadataTooLarge => "imported without metadata: it is larger than 16 KiB",
        ImportWarning.MetadataNoObject => "imported without metadata: it is not a JSON object",
        ImportWarning.NoOldId => "imported without the legacy id: metadata has its own importedFrom, or no space left",
        ImportWarning.NoConversation => "items skipped: they are not conversations in a known format",
        ImportWarning.NothingToImport => "sessions skipped: they have no text of a user or an assistant",
        ImportWarning.NoTime => "sessions without a time, which get that of the import",
        ImportWarning.OtherBranch => "messages skipped: they are on branches that were not shown last",
        ImportWarning.SystemMessage => "messages skipped: system prompts, or hidden",
        ImportWarning.ToolMessage => "calls and results of tools left out",
        ImportWarning.Reasoning => "reasoning left out",
        ImportWarning.Image => "images left out",
        ImportWarning.Attachment => "files and recordings left out",
        ImportWarning.OtherContent => "contents of other kinds left out",
        ImportWarning.TextSplit => "texts split into several messages: they are longer than 100,000 characters",
        ImportWarning.CharactersReplaced => "texts with characters that no database can store, replaced by U+FFFD",
        _ => warning.ToString(),
    };
}
