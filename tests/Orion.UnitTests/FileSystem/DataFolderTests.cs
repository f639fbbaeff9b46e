using Microsoft.Data.Sqlite;
using Orion.Infrastructure.FileSystem;

namespace Orion.UnitTests.FileSystem;

public class DataFolderTests
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public void Folder_and_files_are_private_to_the_account()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no mode bits.");
        using var place = new TestConfiguration().With("DATABASE_URL", "sqlite:deep/er/orion.db");
        place.Settings("Development");
        var folder = Path.Combine(place.Folder, ".orion");

        Assert.Equal(Private | UnixFileMode.UserExecute, Mode(folder));
        Assert.Equal(Private | UnixFileMode.UserExecute, Mode(Path.Combine(folder, "deep")));
        Assert.Equal(Private | UnixFileMode.UserExecute, Mode(Path.Combine(folder, "deep", "er")));
        var files = Directory.GetFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 });
        Assert.Equal([".gitignore", "orion.db", "shared-jwt-secret"], files.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(files, f => Assert.Equal(Private, Mode(f)));
        Assert.Equal("*\n", File.ReadAllText(Path.Combine(folder, ".gitignore")));
    }

    [Fact]
    public void The_secret_is_generated_once_and_is_64_random_bytes_in_hex()
    {
        using var place = new TestConfiguration();

        var first = place.Settings("Development").Tokens.Secret;

        Assert.Matches("^[0-9a-f]{128}$", first);
        Assert.Equal(first, place.Settings("Development").Tokens.Secret);
        using var other = new TestConfiguration();
        Assert.NotEqual(first, other.Settings("Development").Tokens.Secret);
    }

    [Fact]
    public async Task Concurrent_starts_use_the_same_secret()
    {
        using var place = new TestConfiguration();
        using var start = new Barrier(8);

        var secrets = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(TimeSpan.FromSeconds(30));
                return place.Settings("Development").Tokens.Secret;
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        Assert.Single(secrets.Distinct());
        Assert.Single(Directory.GetFiles(Path.Combine(place.Folder, ".orion"), "shared-jwt-secret*"));
    }

    [Fact]
    public void A_previous_secret_must_differ_from_the_generated_one()
    {
        using var place = new TestConfiguration();
        place.With("ORION_SHARED_JWT_SECRET_PREVIOUS", place.Settings("Development").Tokens.Secret);

        Assert.Equal("ORION_SHARED_JWT_SECRET_PREVIOUS", place.Problem("Development").Variable);
    }

    [Fact]
    public void A_configured_secret_is_not_generated()
    {
        using var place = new TestConfiguration().With("ORION_SHARED_JWT_SECRET", TestConfiguration.Secret)
            .With("DATABASE_URL", "postgresql://u@localhost/d");

        Assert.Null(place.Settings("Development").DataFolder);
        Assert.Empty(Directory.GetFileSystemEntries(place.Folder));
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    public void A_broken_secret_file_is_a_problem_and_is_not_overwritten(string content)
    {
        using var place = new TestConfiguration();
        place.Settings("Development");
        var path = Path.Combine(place.Folder, ".orion", "shared-jwt-secret");
        File.WriteAllText(path, content);

        Assert.Contains("shared-jwt-secret", place.Problem("Development").What, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(path));
    }

    [Fact]
    public void A_secret_file_that_others_can_read_is_a_problem()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no mode bits.");
        using var place = new TestConfiguration();
        place.Settings("Development");
        var path = Path.Combine(place.Folder, ".orion", "shared-jwt-secret");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, Private | UnixFileMode.OtherRead);

        var problem = place.Problem("Development");
        Assert.Equal(("ORION_SHARED_JWT_SECRET", path), (problem.Variable, problem.Where));
        Assert.Contains("mode to 600", problem.Fix, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.GroupExecute)]
    [InlineData(UnixFileMode.OtherWrite)]
    [InlineData(UnixFileMode.OtherExecute)]
    public void A_folder_open_to_others_prevents_the_start(UnixFileMode bit)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no mode bits.");
        using var place = new TestConfiguration();
        var folder = Path.Combine(place.Folder, ".orion");
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, Private | UnixFileMode.UserExecute | bit);

        Assert.Equal("ORION_DATA_DIR", place.Problem("Development").Variable);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Theory]
    [InlineData("link")]
    [InlineData("link/")]
    public void A_folder_that_is_a_symbolic_link_prevents_the_start(string name)
    {
        using var place = new TestConfiguration().With("ORION_DATA_DIR", name);
        DataFolder.Open(Path.Combine(place.Folder, "real"));
        File.CreateSymbolicLink(Path.Combine(place.Folder, "link"), Path.Combine(place.Folder, "real"));

        Assert.Contains("symbolic link", place.Problem("Development").What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_link_and_a_file_prevent_the_start()
    {
        using var place = new TestConfiguration().With("ORION_DATA_DIR", "data");
        File.CreateSymbolicLink(Path.Combine(place.Folder, "data"), Path.Combine(place.Folder, "nowhere"));
        Assert.Contains("symbolic link", place.Problem("Development").What, StringComparison.Ordinal);

        File.Delete(Path.Combine(place.Folder, "data"));
        File.WriteAllText(Path.Combine(place.Folder, "data"), "");
        Assert.Contains("file", place.Problem("Development").What, StringComparison.Ordinal);
    }

    [Fact]
    public void Production_requires_the_folder_only_for_a_relative_path()
    {
        using var place = TestConfiguration.Working().With("DATABASE_URL", "sqlite:orion.db");
        Assert.Equal("ORION_DATA_DIR", place.Problem().Variable);

        place.With("ORION_SHARED_JWT_SECRET", null);
        Assert.Equal(["ORION_SHARED_JWT_SECRET", "ORION_DATA_DIR"], place.Read().Problems.Select(p => p.Variable));

        place.With("ORION_SHARED_JWT_SECRET", TestConfiguration.Secret).With("ORION_DATA_DIR", "data");
        Assert.Equal(Path.Combine(place.Folder, "data"), place.Settings().DataFolder);

        using var full = TestConfiguration.Working();
        full.With("DATABASE_URL", $"sqlite:{full.Folder}/orion.db");
        Assert.Null(full.Settings().DataFolder);
        Assert.Equal(Private, Mode(Path.Combine(full.Folder, "orion.db")));
    }

    [Theory]
    [InlineData("2770", true)]
    [InlineData("770", true)]
    [InlineData("2775", true)]
    [InlineData("2777", false)]
    [InlineData("772", false)]
    public void A_folder_of_another_account_may_be_open_to_its_group_and_gets_a_folder_of_orions_own(string mode, bool isAccepted)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && UnixAccount.IsRoot, "Only root can give a folder to another account.");
        using var place = TestConfiguration.Working().With("DATABASE_URL", "sqlite:orion.db");
        var folder = Directory.CreateDirectory(Path.Combine(place.Folder, "data")).FullName;
        place.With("ORION_DATA_DIR", folder);
        Run("chown", "65534", folder);
        Run("chmod", mode, folder);

        if (!isAccepted)
        {
            Assert.Contains(folder, place.Problem().What, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFileSystemEntries(folder));
            return;
        }

        var settings = place.Settings();
        Assert.Equal(Path.Combine(folder, "orion"), settings.DataFolder);
        Assert.Equal($"sqlite:{folder}/orion/orion.db", settings.Database.Address);
        Assert.Equal(Private | UnixFileMode.UserExecute, Mode(settings.DataFolder!) & ~UnixFileMode.SetGroup);
        Assert.Equal(Private, Mode(Path.Combine(settings.DataFolder!, "orion.db")));
        Assert.Equal([settings.DataFolder], Directory.GetFileSystemEntries(folder));
        Assert.Equal(settings.DataFolder, place.Settings().DataFolder);
    }

    [Fact]
    public void What_Kubernetes_opens_to_the_fsGroup_at_each_mount_is_private_again_after_the_start()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && UnixAccount.IsRoot, "Only root can give a folder to another account.");
        using var place = TestConfiguration.Working().With("DATABASE_URL", "sqlite:deep/orion.db");
        var folder = Directory.CreateDirectory(Path.Combine(place.Folder, "data")).FullName;
        place.With("ORION_DATA_DIR", folder);
        Run("chown", "65534", folder);
        Run("chmod", "2775", folder);
        var own = place.Settings().DataFolder!;
        Run("chmod", "-R", "ug+rw", folder);
        Run("chmod", "g+xs", own, Path.Combine(own, "deep"));

        Assert.Equal(own, place.Settings().DataFolder);

        Assert.All([own, Path.Combine(own, "deep")], path => Assert.Equal(Private | UnixFileMode.UserExecute, Mode(path)));
        Assert.All([Path.Combine(own, ".gitignore"), Path.Combine(own, "deep", "orion.db")], path => Assert.Equal(Private, Mode(path)));
        Run("chmod", "755", own);
        Assert.Contains(own, place.Problem().What, StringComparison.Ordinal);
    }

    [Fact]
    public void No_empty_database_is_created_next_to_the_data_of_another_account()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && UnixAccount.IsRoot, "Only root can give a folder to another account.");
        using var place = TestConfiguration.Working().With("DATABASE_URL", "sqlite:orion.db").With("ORION_DATA_DIR", "data");
        var folder = place.Settings().DataFolder!;
        Run("chown", "65534", folder);
        Run("chmod", "2770", folder);

        Assert.Contains("another account", place.Problem().What, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder, "orion")));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherExecute)]
    public void A_full_path_has_the_rules_of_the_data_folder(UnixFileMode bit)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no mode bits.");
        using var place = TestConfiguration.Working();
        var folder = Directory.CreateDirectory(Path.Combine(place.Folder, "open")).FullName;
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, Private | UnixFileMode.UserExecute | bit);
        place.With("DATABASE_URL", $"sqlite:{folder}/orion.db");

        var problem = place.Problem();

        Assert.Equal("DATABASE_URL", problem.Variable);
        Assert.Contains(folder, problem.What, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
        File.CreateSymbolicLink(Path.Combine(place.Folder, "link"), place.Folder);
        Assert.Contains("link", place.With("DATABASE_URL", $"sqlite:{place.Folder}/link/orion.db").Problem().What, StringComparison.Ordinal);
    }

    [Fact]
    public void The_database_opens_and_its_side_files_are_as_private_as_it_is()
    {
        using var place = new TestConfiguration();
        var settings = place.Settings("Development").Database;

        using (var connection = new SqliteConnection(settings.ConnectionString))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode=WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1);";
            command.ExecuteNonQuery();
            Assert.Equal(Private, Mode(Path.Combine(place.Folder, ".orion", "orion.db-wal")));
        }

        place.Settings("Development");
        using var again = new SqliteConnection(settings.ConnectionString);
        again.Open();
        using var count = again.CreateCommand();
        count.CommandText = "SELECT count(*) FROM t";
        Assert.Equal(1L, count.ExecuteScalar());
    }

    [Fact]
    public void A_file_is_created_once_and_a_lock_is_held_by_one()
    {
        using var place = new TestConfiguration();
        var path = Path.Combine(place.Folder, "file");
        FileModes.CreatePrivate(path).Dispose();
        Assert.Equal(Private, Mode(path));
        Assert.Throws<IOException>(() => FileModes.CreatePrivate(path));

        using (LockFile.TryAcquire(path)) Assert.Null(LockFile.TryAcquire(path));
        using (var again = LockFile.TryAcquire(path)) Assert.NotNull(again);
        Assert.ThrowsAny<IOException>(() => LockFile.TryAcquire(Path.Combine(place.Folder, "missing", "lock")));
    }

    [Fact]
    public void A_folder_that_cannot_be_created_is_a_problem_and_not_an_exception()
    {
        using var place = new TestConfiguration().With("ORION_DATA_DIR", "/proc/orion");
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has /proc.");

        Assert.Equal("ORION_DATA_DIR", place.Problem("Development").Variable);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private static UnixFileMode Mode(string path) => OperatingSystem.IsWindows() ? Private : File.GetUnixFileMode(path);
}
