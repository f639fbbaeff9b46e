using System.Text;

namespace Orion.IntegrationTests.Cli.Backup;

/// <summary><c>orion backup</c>, each time into a new folder.</summary>
public abstract class BackupCommandTests : CommandTests, IDisposable
{
    private protected BackupCommandTests(OrionFixture orion)
        : base(orion) => Folder = Path.Combine(Parent.FullName, "backups");

    /// <summary>The folder of the backups. It does not exist yet.</summary>
    private protected string Folder { get; }

    private protected DirectoryInfo Parent { get; } = Directory.CreateTempSubdirectory("orion-backup-");

    public void Dispose()
    {
        Parent.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    // Other tests on this database may have granted access.
    private async Task<string> Users() => (await Orion.Database.Query("SELECT count(*) FROM authorized_users")).Single().TrimEnd('|');

    [Fact]
    public async Task A_backup_during_writes_is_consistent_and_the_service_runs_on_its_restored_copy()
    {
        await using var writers = await MessageWriters.Start(Server, 4);
        await writers.Write(50);
        var users = await Users();

        var report = Json((await Command("backup", Folder, "--json")).Should(0));
        await writers.Write(10);

        var file = report.GetProperty("file").GetString()!;
        Assert.Equal([Path.GetFileName(file)], Backups());
        Assert.Equal(new FileInfo(file).Length, report.GetProperty("bytes").GetInt64());
        Assert.Equal((users, "4"), (report.GetProperty("users").GetRawText(), report.GetProperty("sessions").GetRawText()));
        Assert.InRange(report.GetProperty("messages").GetInt32(), 50, writers.Acknowledged);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        }

        await using var restored = await Restore(file);
        await using var server = await OrionServer.Start(restored);
        var sessions = (await server.Api.Get("/api/sessions")).Should(200).Items("sessions");
        Assert.Equal(4, sessions.Count);
        var messages = 0;
        foreach (var session in sessions)
        {
            var count = session.GetProperty("messageCount").GetInt32();
            var rows = (await server.Api.Get($"/api/sessions/{session.GetProperty("sessionId").GetString()}/messages?limit=1000")).Should(200).Items("messages");
            Assert.Equal(Enumerable.Range(1, count), rows.Select(row => row.GetProperty("sequence").GetInt32()));
            messages += count;
        }

        Assert.Equal(report.GetProperty("messages").GetInt32(), messages);
        (await server.As(OrionFixture.Friend).Get("/api/me")).Should(200);
        await server.Api.Append(sessions[0].GetProperty("sessionId").GetString()!, "It goes on");
    }

    [Fact]
    public async Task A_backup_contains_the_replies_and_not_their_frames()
    {
        const string frame = "A-frame-that-is-left-out";
        await Server.Api.Create();
        await Orion.Database.Execute("""
            INSERT INTO replies (owner_id, session_id, id, message_id, status, model, created_at, instance, lease, frames_deleted)
            SELECT owner_id, id, id, id, 'stopped', 'model', created_at, id, 0, false FROM sessions
            """);
        await Orion.Database.Execute(
            "INSERT INTO reply_frames (owner_id, session_id, reply_id, number, frame_count, frames) SELECT owner_id, session_id, id, 1, 1, @p0 FROM replies", frame);

        var file = Json((await Command("backup", Folder, "--json")).Should(0)).GetProperty("file").GetString()!;

        Assert.DoesNotContain(frame, Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)), StringComparison.Ordinal);
        await using var restored = await Restore(file);
        Assert.Equal(["1|0|"], await restored.Query("SELECT (SELECT count(*) FROM replies), (SELECT count(*) FROM reply_frames)"));
        Assert.Equal(["1|1|"], await Orion.Database.Query("SELECT (SELECT count(*) FROM replies), (SELECT count(*) FROM reply_frames)"));
    }

    [Fact]
    public async Task The_newest_backups_stay_and_other_files_are_not_deleted()
    {
        MakeFolder();
        string[] older = ["orion-20200101T000000Z.db", "orion-20200102T000000Z.dump", "orion-20200103T000000Z.db"];
        string[] foreign = ["orion-20200101T000000Z.db.txt", "orion-20200101.db", "notes", "my-orion-20200101T000000Z.db"];
        foreach (var name in older.Concat(foreign)) await File.WriteAllTextAsync(Path.Combine(Folder, name), name, TestContext.Current.CancellationToken);
        // The leftovers of a killed run.
        await File.WriteAllTextAsync(Path.Combine(Folder, ".orion-20200104T000000Z.db.draft"), "", TestContext.Current.CancellationToken);

        var report = Json((await Command("backup", Folder, "--keep", "2", "--json")).Should(0));

        var file = Path.GetFileName(report.GetProperty("file").GetString()!);
        Assert.Equal([.. foreign.Append(older[2]).Append(file).Order(StringComparer.Ordinal)], Backups());
        Assert.Equal(2, report.GetProperty("kept").GetInt32());
        Assert.Equal(older[..2].Order(), report.GetProperty("deleted").EnumerateArray().Select(name => name.GetString()!).Order());

        ShouldBeOneLine((await Command("backup", Folder, "--keep", "0")).Should(64));
        Assert.Contains(file, Backups());
    }

    [Fact]
    public async Task Backups_dated_in_the_future_do_not_cause_the_new_one_to_be_deleted()
    {
        MakeFolder();
        var ahead = Enumerable.Range(1, 7).Select(day => $"orion-2130010{day}T000000Z.db").ToArray();
        string[] older = ["orion-20200101T000000Z.db", "orion-20200102T000000Z.db"];
        foreach (var name in ahead.Concat(older)) await File.WriteAllTextAsync(Path.Combine(Folder, name), name, TestContext.Current.CancellationToken);

        var report = Json((await Command("backup", Folder, "--keep", "2", "--json")).Should(0));
        var file = Path.GetFileName(report.GetProperty("file").GetString()!);

        Assert.Equal([.. ahead.Append(older[1]).Append(file).Order(StringComparer.Ordinal)], Backups());
        Assert.Equal(2, report.GetProperty("kept").GetInt32());
        Assert.Equal(ahead.Order(), report.GetProperty("ahead").EnumerateArray().Select(name => name.GetString()!).Order());
        // The operator gets a warning.
        var warning = (await Command("backup", Folder, "--keep", "1")).Should(0).Error;
        Assert.Contains($"up to {ahead[^1]}", warning, StringComparison.Ordinal);
        Assert.Equal(8, Backups().Count);
    }

    [Fact]
    public async Task Without_a_folder_the_backup_goes_to_the_configured_one_and_one_line_names_it()
    {
        ShouldBeOneLine((await Command("backup")).Should(64));

        var ended = (await Run(Environment(Orion.Database, ("BACKUP_DIR", Folder)), "", "backup")).Should(0);
        var name = Assert.Single(Backups());

        Assert.StartsWith($"{Path.Combine(Folder, name)}: ", Assert.Single(ended.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Contains($" {await Users()} users, 0 sessions, 0 messages", ended.Out, StringComparison.Ordinal);
        Assert.Empty(ended.Error);
    }

    [Fact]
    public async Task A_second_backup_into_the_folder_fails_while_the_first_one_runs()
    {
        MakeFolder();
        await using (new FileStream(Path.Combine(Folder, ".lock"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
        {
            var ended = (await Command("backup", Folder)).Should(1);
            ShouldBeOneLine(ended);
            Assert.Contains("is running", ended.Error, StringComparison.Ordinal);
        }

        (await Command("backup", Folder)).Should(0);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_created_or_that_others_can_read_is_rejected()
    {
        if (OperatingSystem.IsWindows()) return;
        ShouldBeOneLine((await Command("backup", "/dev/null/backups")).Should(74));

        Directory.CreateDirectory(Folder);
        File.SetUnixFileMode(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead);
        var open = (await Command("backup", Folder)).Should(1);
        ShouldBeOneLine(open);
        Assert.Contains("chmod 700", open.Error, StringComparison.Ordinal);
        Assert.Empty(Backups());
    }

    [Fact]
    public async Task A_database_without_Orions_tables_is_not_backed_up_and_no_backup_is_deleted()
    {
        await using var empty = await Orion.CreateDatabase();
        (await Command("backup", Folder)).Should(0);
        var before = Backups();

        var ended = (await Run(Environment(empty), "", "backup", Folder, "--keep", "1")).Should(1);

        ShouldBeOneLine(ended);
        Assert.Equal(before, Backups());
    }

    private void MakeFolder()
    {
        Directory.CreateDirectory(Folder);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>All files except the lock.</summary>
    private protected IReadOnlyList<string> Backups() =>
        Directory.Exists(Folder)
            ? [.. Directory.EnumerateFiles(Folder).Select(file => Path.GetFileName(file)).Where(name => name != ".lock").Order(StringComparer.Ordinal)]
            : [];

    /// <summary>Restores a backup into a new database, as docs/operations.md describes.</summary>
    private protected abstract Task<TestDatabase> Restore(string file);
}

[Collection(CliOnSqlite.Name)]
public sealed class BackupCommandOnSqlite(SqliteOrion orion) : BackupCommandTests(orion)
{
    [Fact]
    public async Task A_damaged_database_makes_no_backup_and_the_older_ones_stay()
    {
        await using var database = new SqliteDatabase();
        await using (var server = await OrionServer.Start(database))
        {
            var session = await server.Api.Create();
            for (var i = 0; i < 30; i++) await server.Api.Append(session, new string('x', 5000));
        }

        (await Run(Environment(database), "", "backup", Folder)).Should(0);
        var before = Backups();
        await database.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        await using (var file = File.OpenWrite(Path.Combine(database.DataFolder, "orion.db")))
        {
            // Somewhere in the middle of the messages.
            file.Seek(file.Length / 2 / 4096 * 4096, SeekOrigin.Begin);
            await file.WriteAsync(Enumerable.Repeat((byte)0xff, 5 * 4096).ToArray(), TestContext.Current.CancellationToken);
        }

        var ended = (await Run(Environment(database), "", "backup", Folder, "--keep", "1")).Should(1);

        ShouldBeOneLine(ended);
        Assert.Contains("damaged", ended.Error, StringComparison.Ordinal);
        Assert.Equal(before, Backups());
    }

    [Fact]
    public async Task An_embedded_database_has_no_standby()
    {
        var ended = (await Command("backup", Folder, "--standby")).Should(1);

        ShouldBeOneLine(ended);
        Assert.Contains("has no standby", ended.Error, StringComparison.Ordinal);
        Assert.Empty(Backups());
    }

    private protected override Task<TestDatabase> Restore(string file)
    {
        var database = new SqliteDatabase();
        // A copied file keeps its mode.
        File.Copy(file, Path.Combine(database.DataFolder, "orion.db"));
        return Task.FromResult<TestDatabase>(database);
    }
}
