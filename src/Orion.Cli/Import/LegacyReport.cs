using Orion.Application.Import.Legacy;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;
using Orion.Domain.Users;

namespace Orion.Cli.Import;

/// <summary>Reports the import of a legacy database: for each user what was imported, what was skipped, and why.</summary>
internal static class LegacyReport
{
    internal static void Write(
        Terminal terminal, string address, string database, IEnumerable<LegacyUserImport> users, LegacyCounts counts, bool dryRun) => terminal.Report(
        new
        {
            from = address,
            database,
            dryRun,
            users = users.Select(user => new
            {
                user = user.Caller.Email.Value,
                sessions = Numbers(user.Sessions),
                messages = Numbers(user.Messages),
                remarks = user.Warnings.Select(warning => new
                {
                    remark = warning.Key,
                    meaning = Describe(warning.Key),
                    warning.Value.Count,
                    examples = warning.Value.LegacyIds.Select(id => Printable.Of(id)),
                }),
            }),
            others = counts.Others.Select(other => new
            {
                user = Printable.Of(other.User),
                reason = IsAddress(other) ? "notAuthorized" : "noAddress",
                other.Sessions,
                other.Messages,
            }),
            counts.MoreOthers,
            counts.MessagesWithoutSession,
            counts.SessionsWithoutId,
        },
        output =>
        {
            output.WriteLine(dryRun ? $"Nothing was written to {database}. An import would do this:" : $"Imported from {address} into {database}:");
            foreach (var user in users) Write(output, user);
            foreach (var other in counts.Others) Write(output, other);
            Write(output, counts.MoreOthers, "more users skipped: not on the allow-list");
            Write(output, counts.SessionsWithoutId, "sessions skipped: their ids are missing or longer than 255 characters");
            Write(output, counts.MessagesWithoutSession, "messages skipped: their sessions do not exist");
            if (counts.Sessions + counts.Others.Count == 0) output.WriteLine($"{address} has no sessions.");
        });

    private static void Write(TextWriter output, LegacyUserImport user)
    {
        output.WriteLine($"{user.Caller.Email}: {Text(user.Sessions, "sessions")}; {Text(user.Messages, "messages")}");
        foreach (var (warning, examples) in user.Warnings)
        {
            var more = examples.Count > examples.LegacyIds.Count ? ", ..." : "";
            output.WriteLine($"  {examples.Count} {Describe(warning)} ({string.Join(", ", examples.LegacyIds.Select(id => Printable.Of(id)))}{more})");
        }
    }

    private static void Write(TextWriter output, long count, string what)
    {
        if (count > 0) output.WriteLine($"{count} {what}");
    }

    private static void Write(TextWriter output, LegacyUser other)
    {
        var name = other.User.Length == 0 ? "(no user)" : Printable.Of(other.User);
        // The command is shown only if a shell takes the address literally.
        var hint = IsPlain(other.User) ? $" (orion users grant {other.User})" : "";
        var reason = IsAddress(other) ? $"not on the allow-list{hint}" : "the user is not an e-mail address";
        output.WriteLine($"{name}: {Counted.Of(other.Sessions, "session")} and {Counted.Of(other.Messages, "message")} skipped: {reason}");
    }

    private static bool IsPlain(string address) => address.All(c => char.IsAsciiLetterOrDigit(c) || c is '@' or '.' or '_' or '+' or '-');

    private static string Text(LegacyUserImport.ImportCounts counts, string what) =>
        $"{counts.Found} {what}, {counts.Added} imported, {counts.Existing} already here, {counts.Skipped} skipped";

    private static object Numbers(LegacyUserImport.ImportCounts counts) =>
        new { counts.Found, counts.Added, wereHere = counts.Existing, left = counts.Skipped };

    private static bool IsAddress(LegacyUser other) => EmailAddress.TryParse(other.User, out _);

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
        _ => warning.ToString(),
    };
}
