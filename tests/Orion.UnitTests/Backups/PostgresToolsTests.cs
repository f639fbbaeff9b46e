using Orion.Infrastructure.Persistence.Postgres;

namespace Orion.UnitTests.Backups;

public sealed class PostgresToolsTests
{
    [Theory]
    [InlineData(1, "pg_dump: error: connection failed\n", "pg_dump failed. pg_dump: error: connection failed")]
    [InlineData(1, "", "pg_dump failed with exit code 1 and no error message.")]
    [InlineData(143, "", "pg_dump was ended by signal 15.")]
    public void A_failed_program_without_output_has_a_reason_too(int exitCode, string error, string expected) =>
        Assert.Equal(expected, PostgresTools.ReasonOf("pg_dump", exitCode, error));

    [Fact]
    public void A_killed_program_suggests_a_lack_of_memory() =>
        Assert.Contains("out of memory", PostgresTools.ReasonOf("pg_dump", 137, " \n"), StringComparison.Ordinal);
}
