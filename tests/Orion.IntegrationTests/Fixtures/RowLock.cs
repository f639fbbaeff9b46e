namespace Orion.IntegrationTests.Fixtures;

/// <summary>Connections that wait for a lock.</summary>
internal static class RowLock
{
    /// <summary>How many of Orion's connections wait for a lock.</summary>
    public static async Task<int> Waiting(PostgresDatabase database) => (await database.Query(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'orion' AND wait_event_type = 'Lock'")).Count;
}
