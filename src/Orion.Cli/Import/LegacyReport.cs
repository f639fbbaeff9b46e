using Orion.Application.Import;
using Orion.Application.Import.Legacy;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;
using Orion.Domain.Users;

namespace Orion.Cli.Import;

/// <summary>Reports the import of a legacy database: for each user what was imported, what was skipped, and why.</summary>
internal static class LegacyReport
{
    internal static void Write(
        Terminal terminal, string address, string database, IEnumerable<UserImport> users, LegacyCounts counts, bool dryRun) => terminal.Report(
        new
        {
            from = address,
            database,
            dryRun,
            users = users.Select(UserReport.ToJson),
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
            foreach (var user in users) UserReport.Write(output, user);
            foreach (var other in counts.Others) Write(output, other);
            Write(output, counts.MoreOthers, "more users skipped: not on the allow-list");
            Write(output, counts.SessionsWithoutId, "sessions skipped: their ids are missing or longer than 255 characters");
            Write(output, counts.MessagesWithoutSession, "messages skipped: their sessions do not exist");
            if (counts.Sessions + counts.Others.Count == 0) output.WriteLine($"{address} has no sessions.");
        });

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

    private static bool IsAddress(LegacyUser other) => EmailAddress.TryParse(other.User, out _);
}
