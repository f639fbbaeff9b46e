using Orion.Application.Import.Legacy;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;
using Orion.Domain.Users;

namespace Orion.Cli.Import;

/// <summary>Says for each user what was taken from the old service and what was left, and why.</summary>
internal static class LegacyImportReport
{
    internal static void Write(
        Terminal terminal, string address, string database, IEnumerable<UserImportSummary> users, LegacyCounts counts, bool dryRun) => terminal.Report(
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
                remarks = user.Remarks.Select(remark => new
                {
                    remark = remark.Key,
                    meaning = Meaning(remark.Key),
                    remark.Value.Count,
                    examples = remark.Value.Examples.Select(id => Printable.Of(id)),
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
            output.WriteLine(dryRun ? $"Nothing was written to {database}. An import would do this:" : $"From {address} into {database}:");
            foreach (var user in users) Write(output, user);
            foreach (var other in counts.Others) Write(output, other);
            Write(output, counts.MoreOthers, "more users: all left, not on the allow-list");
            Write(output, counts.SessionsWithoutId, "sessions left: their ids are missing or longer than 255 characters");
            Write(output, counts.MessagesWithoutSession, "messages left: their sessions are not there");
            if (counts.Sessions + counts.Others.Count == 0) output.WriteLine($"{address} has no sessions.");
        });

    private static void Write(TextWriter output, UserImportSummary user)
    {
        output.WriteLine($"{user.Caller.Email}: {Text(user.Sessions, "sessions")}; {Text(user.Messages, "messages")}");
        foreach (var (remark, remarked) in user.Remarks)
        {
            var more = remarked.Count > remarked.Examples.Count ? ", ..." : "";
            output.WriteLine($"  {remarked.Count} {Meaning(remark)} ({string.Join(", ", remarked.Examples.Select(id => Printable.Of(id)))}{more})");
        }
    }

    private static void Write(TextWriter output, long count, string what)
    {
        if (count > 0) output.WriteLine($"{count} {what}");
    }

    private static void Write(TextWriter output, LegacyUser other)
    {
        var name = other.User.Length == 0 ? "(no user)" : Printable.Of(other.User);
        // An address may hold what a shell would run: the command is shown where it can be copied as it is.
        var hint = IsPlain(other.User) ? $" (orion users grant {other.User})" : "";
        var why = IsAddress(other) ? $"not on the allow-list{hint}" : "the user is not an e-mail address";
        output.WriteLine($"{name}: {other.Sessions} sessions and {other.Messages} messages left, {why}");
    }

    private static bool IsPlain(string address) => address.All(c => char.IsAsciiLetterOrDigit(c) || c is '@' or '.' or '_' or '+' or '-');

    private static string Text(UserImportSummary.Tally tally, string what) =>
        $"{tally.Found} {what}, {tally.Added} taken, {tally.WereHere} were here, {tally.Left} left";

    private static object Numbers(UserImportSummary.Tally tally) => new { tally.Found, added = tally.Added, tally.WereHere, tally.Left };

    private static bool IsAddress(LegacyUser other) => EmailAddress.TryParse(other.User, out _);

    private static string Meaning(ImportWarning remark) => remark switch
    {
        ImportWarning.SessionTwice => "sessions left: an earlier one has the same id",
        ImportWarning.SessionWithoutTime => "sessions left with their messages: they have no time",
        ImportWarning.MessageWithoutId => "messages left: their ids are missing or longer than 255 characters",
        ImportWarning.OtherRole => "messages left: their role is neither user nor assistant",
        ImportWarning.Empty => "messages left: they are empty",
        ImportWarning.TooLong => "messages left: they are longer than 100,000 characters",
        ImportWarning.NotStorable => "messages left: their text is nothing that a database can hold",
        ImportWarning.MessageTwice => "messages left: another with the same id is before them in their session",
        ImportWarning.OtherHere => "messages left: another message has their id here",
        ImportWarning.ContinuedHere => "messages left: their sessions have later messages here",
        ImportWarning.ArchivedHere => "messages left: their sessions are archived here",
        ImportWarning.DiffersHere => "sessions have another title or other metadata here, and keep them",
        ImportWarning.TitleCut => "titles cut at 200 characters",
        ImportWarning.MetadataTooLarge => "taken without their metadata: it is larger than 16 KiB",
        ImportWarning.MetadataNoObject => "taken without their metadata: it is not a JSON object",
        ImportWarning.NoOldId => "taken without their old id: metadata has an importedFrom of its own, or no room for it",
        _ => remark.ToString(),
    };
}
