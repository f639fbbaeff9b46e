using System.CommandLine;
using Orion.Application.Export;
using Orion.Application.Import.Legacy;
using Orion.Application.Messaging;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;
using Orion.Domain.Users;

namespace Orion.Cli.Import;

/// <summary><c>orion import</c>.</summary>
internal static class ImportCommand
{
    private const string StandardInput = "-";

    internal static Command Build(Terminal terminal)
    {
        var file = new Option<string>("--file") { Description = "An export; - for standard input.", HelpName = "FILE" };
        var from = new Option<string>("--from")
        {
            Description = "The old service's database, postgresql://user:password@host:port/name, with the TLS rules of DATABASE_URL. "
                + "Without a password PGPASSWORD or ~/.pgpass has it.",
            HelpName = "URL",
        };
        var user = Options.Email(
            "--user", "With --file: the user who gets the sessions, instead of the one in the file. With --from: only this user's sessions.");
        var dryRun = new Option<bool>("--dry-run") { Description = "Write nothing: report what an import would do." };
        var command = new Command("import", """
            Take over what orion export wrote (--file), or what the Node service kept in its database (--from). Whose it is must be on the
            allow-list. Run again, also after an interruption, it goes on and doubles nothing; one at a time, while the service may run.
            Sessions that were deleted here come back.

              orion import --file all.ndjson
              orion import --from postgresql://chat@old.example.com/chat --dry-run
              orion import --from postgresql://chat@old.example.com/chat

            --file: ids, times, order, texts and metadata become exactly what they were. A session that was changed here since, or is
            changed while it is taken over, is left as it is from there on, and said to be. A line that is wrong ends it with the line's
            number; what is before it is taken over.

            --from: reads chat_sessions and chat_messages as they are at one moment, in a transaction that cannot write, and sorts them on
            their server. Sessions of people on the allow-list are taken, with times, order, titles and metadata; what was added there
            since an earlier run is appended, unless the session was continued or archived here. An old id that is a UUID stays; for
            another a new one is made, the same in each run, and the old one stands in metadata.importedFrom. A first message that the
            old service kept in chat_sessions alone becomes message 1. Texts longer than 100,000 characters, empty ones, and roles other
            than user and assistant are left; titles are cut at 200 characters; metadata that is no object, or larger than 16 KiB, is left
            out. The report says for each user what was taken and what was left, and why.

            Exit codes: 0 it came to its end (what was left is in the report); 1 refused, or a line of the file is wrong, or messages of
            the file are not here because others have their place or id (the report names their sessions); 64 --from is no address that
            is accepted; 69 one of the databases was lost, or is not what it should be; 74 the file cannot be read; 130 interrupted.
            After each of them what was taken is kept, and a takeover that did not come to its end says how much that is: run it again.
            """) { file, from, user, dryRun };
        command.Validators.Add(result =>
        {
            if (result.GetValue(file) is null == result.GetValue(from) is null) result.AddError("Give either --file or --from.");
        });
        return command.Does(terminal, (parsed, cancellationToken) => parsed.GetValue(from) is { } url
            ? FromOldService(terminal, url, parsed.GetValue(user), parsed.GetValue(dryRun), cancellationToken)
            : FromFile(terminal, parsed.GetValue(file)!, parsed.GetValue(user), parsed.GetValue(dryRun), cancellationToken));
    }

    private static async Task<int> FromFile(
        Terminal terminal, string name, EmailAddress? becomes, bool dryRun, CancellationToken cancellationToken)
    {
        using var lines = new ArchiveLines(Terminal.OpenInput(name == StandardInput ? null : name));
        await using var host = await OrionHost.Open(terminal, cancellationToken);
        var archive = new ArchiveFile(host, lines, becomes, dryRun);
        terminal.SoFar = () => Unfinished(dryRun, archive.Users.Select(user => (user.Caller, (long)user.Sessions - user.Left.Count, user.MessagesHere)));
        using (var progress = new Progress(terminal, host.Clock, "bytes")) await archive.Run(progress, cancellationToken);
        ArchiveReport.Write(terminal, host.Settings.Database.Address, archive.Users, dryRun);
        return archive.Users.Any(user => user.Missing.Count > 0) ? ExitCodes.Refused : ExitCodes.Success;
    }

    private static async Task<int> FromOldService(
        Terminal terminal, string url, EmailAddress? only, bool dryRun, CancellationToken cancellationToken)
    {
        await using var old = OrionHost.OpenLegacyService(url, terminal);
        await using var host = await OrionHost.Open(terminal, cancellationToken);
        var callers = only is null ? await Everyone(host, cancellationToken) : [await host.Impersonate(only, cancellationToken)];
        var counts = await old.Begin([.. callers.Select(caller => caller.Email.Value)], cancellationToken);
        var import = new LegacyImport(host, callers, dryRun);
        terminal.SoFar = () => Unfinished(dryRun, import.Users.Select(user => (user.Caller, user.Sessions.Here, user.Messages.Here)));
        using (var progress = new Progress(terminal, host.Clock, "messages"))
            await import.Run(old, counts.Messages, progress, cancellationToken);

        // Who asks for one user is told about that one.
        if (only is not null) counts = counts with { Others = [], MoreOthers = 0 };
        LegacyImportReport.Write(terminal, old.Address, host.Settings.Database.Address, import.Users, counts, dryRun);
        return import.Users.Any(user => user.Remarks.ContainsKey(ImportWarning.OtherHere)) ? ExitCodes.Refused : ExitCodes.Success;
    }

    // What a takeover that did not come to its end leaves behind.
    private static string Unfinished(bool dryRun, IEnumerable<(Caller Caller, long Sessions, long Messages)> users)
    {
        if (dryRun) return "Nothing was written.";
        var here = users.Select(user => $"{user.Sessions} sessions and {user.Messages} messages of {user.Caller.Email}").ToList();
        return here.Count == 0
            ? "Nothing was taken over."
            : $"Of what was read until then, here are by now: {string.Join(", ", here)}. Run it again, and it goes on.";
    }

    private static async Task<IReadOnlyList<Caller>> Everyone(OrionHost host, CancellationToken cancellationToken) =>
    [
        .. (await host.SendOrThrow(new ListOwners(), cancellationToken)).Owners.Where(owner => owner.IsAuthorized).Select(owner => owner.Caller),
    ];
}
