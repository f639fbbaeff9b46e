using Microsoft.Data.Sqlite;
using Npgsql;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Persistence.Postgres;

namespace Orion.UnitTests.Availability;

/// <summary>Which errors are transient errors of the database, and how they are explained.</summary>
public sealed class DatabaseFailureTests
{
    private static readonly DateTime Start = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
    private static readonly PostgresIdentity Core = new(1, 5, "core", Start, IsStandby: false);

    [Theory]
    [InlineData("25006")]
    [InlineData("57014")]
    [InlineData("25P03")]
    [InlineData("25P04")]
    [InlineData("55P03")]
    [InlineData("53300")]
    [InlineData("53100")]
    [InlineData("57P01")]
    [InlineData("57P05")]
    [InlineData("08006")]
    [InlineData("28P01")]
    [InlineData("3D000")]
    [InlineData("42P05")]
    [InlineData("26000")]
    public void It_is_a_transient_error(string state) =>
        Assert.True(TransientErrors.Is(new InvalidOperationException("Wrapped.", Postgres(state))));

    [Theory]
    [InlineData("42601")]
    [InlineData("23505")]
    [InlineData("22021")]
    [InlineData("42501")]
    public void It_is_not_a_transient_error(string state) => Assert.False(TransientErrors.Is(Postgres(state)));

    [Fact]
    public void A_cancellation_by_the_caller_is_not_a_transient_error() =>
        Assert.False(TransientErrors.Is(new OperationCanceledException("Cancelled.", Postgres("57014"))));

    [Theory]
    [InlineData("42P05", "DB_PREPARED_STATEMENTS=false")]
    [InlineData("26000", "DB_PREPARED_STATEMENTS=false")]
    [InlineData("42501", "orion migrate")]
    [InlineData("53300", "DB_POOL_SIZE")]
    [InlineData("25006", "primary")]
    [InlineData("57014", "statement_timeout")]
    [InlineData("28P01", "pg_hba.conf")]
    public void The_operator_gets_advice(string state, string fix)
    {
        var failure = DatabaseFailure.Of(Postgres(state));

        Assert.Contains(fix, failure.Fix, StringComparison.Ordinal);
        Assert.Contains("The server's words", failure.What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("23505")]
    [InlineData("22P02")]
    [InlineData("P0001")]
    public void Messages_that_may_quote_a_row_are_not_repeated(string state) =>
        Assert.DoesNotContain("words", DatabaseFailure.Of(Postgres(state)).ToString(), StringComparison.Ordinal);

    [Fact]
    public void A_read_only_file_is_named_as_such() =>
        Assert.Contains("write access to the file", DatabaseFailure.Of(new SqliteException("attempt to write a readonly database", 8)).Fix, StringComparison.Ordinal);

    [Fact]
    public void Databases_are_compared_by_all_visible_properties()
    {
        Assert.Equal(DatabaseMatch.Same, Core.Compare(Core));
        Assert.Equal(DatabaseMatch.Different, Core.Compare(Core with { Oid = 6 }));
        Assert.Equal(DatabaseMatch.Different, Core.Compare(Core with { System = 2, StartedAt = Start.AddSeconds(1) }));
        // A primary and its standby; and a physical copy that was restored and promoted, which has the same identifiers.
        Assert.Equal(DatabaseMatch.Same, Core.Compare(Core with { StartedAt = Start.AddSeconds(1), IsStandby = true }));
        Assert.Equal(DatabaseMatch.Different, Core.Compare(Core with { StartedAt = Start.AddSeconds(1) }));
        // Without the right to read the cluster's identifier.
        Assert.Equal(DatabaseMatch.Same, (Core with { System = null }).Compare(Core));
        Assert.Equal(DatabaseMatch.Different, (Core with { System = null }).Compare(Core with { Oid = 6 }));
        Assert.Equal(DatabaseMatch.Unknown, (Core with { System = null }).Compare(Core with { StartedAt = Start.AddSeconds(1) }));
    }

    private static PostgresException Postgres(string state) => new("The server's words", "ERROR", "ERROR", state);
}
