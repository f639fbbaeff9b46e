using System.CommandLine;
using Orion.Application.Export;
using Orion.Application.Import;
using Orion.Application.Import.Archive;
using Orion.Application.Import.Foreign;
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
        var file = new Option<string>("--file")
        {
            Description = "The output of orion export, or an export of ChatGPT, Open WebUI or LibreChat; - for standard input.",
            HelpName = "FILE",
        };
        var from = new Option<string>("--from")
        {
            Description = "The Node service's database: postgresql://user:password@host:port/name, with the TLS rules of DATABASE_URL. "
                + "Without a password, PGPASSWORD or ~/.pgpass is used.",
            HelpName = "URL",
        };
        var user = Options.Email(
            "--user", "With --file: the user who gets the sessions, instead of the one in the file. An export of another program names no user: "
            + "required if several are on the allow-list. With --from: only this user's sessions.");
        var dryRun = new Option<bool>("--dry-run") { Description = "Write nothing, and report what an import would do." };
        var command = new Command("import", """
            Import the output of orion export or an export of another program (--file), or the database of the Node service (--from). The
            owners of the sessions must be on the allow-list. Run the command again after an interruption: it continues and creates no
            duplicates. The service may run meanwhile, but no second import. Sessions that were deleted here are imported again.

              orion import --file all.ndjson
              orion import --file chatgpt.zip --user you@example.com --dry-run
              orion import --from postgresql://chat@old.example.com/chat --dry-run
              orion import --from postgresql://chat@old.example.com/chat

            --file recognizes the format. Of the output of orion export it keeps ids, times, order, texts and metadata exactly. A session that
            was changed here, before or during the import, is skipped from that point on, and reported. An invalid line ends the import
            with the number of the line; the lines before it are imported.

            Of ChatGPT it reads the ZIP file or its conversations.json, of Open WebUI the export of all chats or of one, of LibreChat the JSON
            export of a conversation, or several one after another (cat *.json | orion import --file -). It imports titles, times, and the
            texts of users and assistants, of branches the one that was shown last. Texts of more than 100,000 characters become several
            messages. The report counts what was left out, by kind: other branches, images, files, tools, reasoning, instructions of the
            system. Ids are new, the same in each run; metadata.importedFrom has the program and its id. Messages that were added there
            since an earlier run are appended, unless the session was continued or archived here. A conversation has at most 256 MiB.

            --from reads a snapshot of chat_sessions and chat_messages in a read-only transaction; their server sorts them. It imports the
            sessions of users on the allow-list, with times, order, titles and metadata. Messages that were added there since an earlier
            run are appended, unless the session was continued or archived here. A legacy id that is a UUID is kept. Any other gets a new
            id, the same in each run, and metadata.importedFrom has the legacy id. A first message that only chat_sessions has becomes
            message 1. Empty messages, messages longer than 100,000 characters, and roles other than user and assistant are skipped. Titles
            are cut at 200 characters. Metadata that is not an object, or is larger than 16 KiB, is left out. For each user, the report
            says what was imported, what was skipped, and why.

            Exit codes: 0 the import is complete (the report lists what was skipped); 1 it failed, or a part of the file is invalid, or
            messages are missing here because other messages have their position or id (the report lists their sessions); 64 the address
            of --from is invalid; 69 a database is unavailable; 74 the file cannot be read; 130 interrupted. What was imported before a
            failure stays, and the error message counts it: run the command again.
            """) { file, from, user, dryRun };
        command.Validators.Add(result =>
        {
            if (result.GetValue(file) is null == result.GetValue(from) is null) result.AddError("Give either --file or --from.");
        });
        return command.WithAction(terminal, (parsed, cancellationToken) => parsed.GetValue(from) is { } url
            ? ImportLegacyDatabase(terminal, url, parsed.GetValue(user), parsed.GetValue(dryRun), cancellationToken)
            : ImportFromFile(terminal, parsed.GetValue(file)!, parsed.GetValue(user), parsed.GetValue(dryRun), cancellationToken));
    }

    private static async Task<int> ImportFromFile(
        Terminal terminal, string name, EmailAddress? newOwner, bool dryRun, CancellationToken cancellationToken)
    {
        await using var stream = name == StandardInput ? Console.OpenStandardInput() : File.OpenRead(name);
        await using var file = await ImportFile.Open(stream, cancellationToken);
        await using var host = await OrionHost.Open(terminal, cancellationToken);
        if (file.IsEmpty)
        {
            ArchiveReport.Write(terminal, host.Settings.Database.Address, [], dryRun);
            return ExitCodes.Success;
        }

        return file.Program is null
            ? await ImportArchive(terminal, host, file.Content, newOwner, dryRun, cancellationToken)
            : await ImportForeign(terminal, host, file, newOwner, dryRun, cancellationToken);
    }

    private static async Task<int> ImportForeign(
        Terminal terminal, OrionHost host, ImportFile file, EmailAddress? newOwner, bool dryRun, CancellationToken cancellationToken)
    {
        var callers = newOwner is null ? await AuthorizedUsers(host, cancellationToken) : [await host.Impersonate(newOwner, cancellationToken)];
        if (callers.Count != 1)
        {
            throw new CommandFailedException(
                $"This is an export of {file.Program}, which does not name the user here. Give --user ADDRESS. See: orion users list");
        }

        var importer = new ForeignImporter(host.Dispatcher, callers[0], host.Clock, dryRun);
        terminal.Interim = failure => Interim(failure, dryRun, importer.User);
        using (var progress = new Progress(terminal, host.Clock, "bytes")) await importer.Run(file, progress, cancellationToken);
        ForeignReport.Write(terminal, file.Program!, host.Settings.Database.Address, importer.User, dryRun);
        return ExitCode(importer.User);
    }

    private static async Task<int> ImportArchive(
        Terminal terminal, OrionHost host, Stream archive, EmailAddress? newOwner, bool dryRun, CancellationToken cancellationToken)
    {
        var importer = new ArchiveImporter(host.Dispatcher, newOwner, dryRun);
        terminal.Interim = failure => Interim(
            failure, dryRun, importer.Users.Select(user => (user.Caller, (long)user.Sessions - user.Skipped.Count, user.MessagesPresent)));
        using (var progress = new Progress(terminal, host.Clock, "bytes")) await importer.Run(archive, progress, cancellationToken);
        ArchiveReport.Write(terminal, host.Settings.Database.Address, importer.Users, dryRun);
        return importer.Users.Any(user => user.Missing.Count > 0) ? ExitCodes.Failed : ExitCodes.Success;
    }

    private static async Task<int> ImportLegacyDatabase(
        Terminal terminal, string url, EmailAddress? only, bool dryRun, CancellationToken cancellationToken)
    {
        await using var database = OrionHost.ReadLegacyDatabase(url, terminal);
        await using var host = await OrionHost.Open(terminal, cancellationToken);
        var callers = only is null ? await AuthorizedUsers(host, cancellationToken) : [await host.Impersonate(only, cancellationToken)];
        var importer = new LegacyImporter(host.Dispatcher, callers, dryRun);
        terminal.Interim = failure => Interim(failure, dryRun, [.. importer.Users]);
        LegacyCounts counts;
        using (var progress = new Progress(terminal, host.Clock, "messages")) counts = await importer.Run(database, progress, cancellationToken);

        // With --user the report covers only that user.
        if (only is not null) counts = counts with { Others = [], MoreOthers = 0 };
        LegacyReport.Write(terminal, database.Address, host.Settings.Database.Address, importer.Users, counts, dryRun);
        return ExitCode([.. importer.Users]);
    }

    private static int ExitCode(params UserImport[] users) =>
        users.Any(user => user.Warnings.ContainsKey(ImportWarning.OtherHere)) ? ExitCodes.Failed : ExitCodes.Success;

    private static string Interim(Exception failure, bool dryRun, params UserImport[] users) =>
        Interim(failure, dryRun, users.Where(user => user.Sessions.Present > 0).Select(user => (user.Caller, user.Sessions.Present, user.Messages.Present)));

    private static string Interim(Exception failure, bool dryRun, IEnumerable<(Caller Caller, long Sessions, long Messages)> users)
    {
        if (dryRun) return "Nothing was written.";
        var present = users.Select(user => $"{Counted.Of(user.Sessions, "session")} and {Counted.Of(user.Messages, "message")} of {user.Caller.Email}").ToList();
        // A rejected line is rejected again.
        var next = failure is OperationFailedException ? "Correct this, then run it again to continue." : "Run it again to continue.";
        return present.Count == 0
            ? "Nothing was imported."
            : $"Imported so far: {string.Join(", ", present)}. {next}";
    }

    private static async Task<IReadOnlyList<Caller>> AuthorizedUsers(OrionHost host, CancellationToken cancellationToken)
    {
        var list = await host.Dispatcher.SendOrThrow(new ListOwners(), cancellationToken);
        return [.. list.Owners.Where(owner => owner.IsAuthorized).Select(owner => owner.Caller)];
    }
}
