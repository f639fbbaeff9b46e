using Orion.Infrastructure.Persistence.Postgres;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>Scripts that pretend to be a newer <c>pg_dump</c> and <c>pg_restore</c>.</summary>
internal static class FakePostgresTools
{
    private const string Real = "exec \"$real\" \"$@\"";

    /// <summary>The real programs.</summary>
    internal static async Task<PostgresTools> Find() =>
        await PostgresTools.Find(PostgresTools.UsualFolders, TestContext.Current.CancellationToken)
        ?? throw new InvalidOperationException("There is no pg_dump. Install PostgreSQL's programs (Debian: apt-get install postgresql).");

    /// <summary>Writes the scripts into a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="dump">What pg_dump does, with the real program in <c>$real</c>; null to execute that.</param>
    /// <param name="restore">The same for pg_restore.</param>
    /// <returns>The PATH on which they are found.</returns>
    internal static async Task<string> Write(string folder, string? dump, string? restore = null)
    {
        var tools = await Find();
        foreach (var (program, does) in ((string, string?)[])[("pg_dump", dump), ("pg_restore", restore)])
        {
            var path = Path.Combine(folder, program);
            await File.WriteAllTextAsync(
                path,
                $"""
                #!/bin/sh
                [ "$1" = --version ] && echo "{program} (PostgreSQL) 99.0" && exit 0
                real='{Path.Combine(tools.Folder, program)}'
                {does ?? Real}

                """,
                TestContext.Current.CancellationToken);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        return $"{folder}:{Environment.GetEnvironmentVariable("PATH")}";
    }
}
