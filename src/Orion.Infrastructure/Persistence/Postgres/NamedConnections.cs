using Npgsql;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Connections by what they are for. In metrics and traces Npgsql tells them apart by their name, and where they have none by their
/// connection string, which is nobody's affair there.
/// </summary>
internal static class NamedConnections
{
    /// <summary>The requests' pool.</summary>
    internal const string Requests = "requests";

    /// <summary>The check of the database.</summary>
    internal const string Check = "check";

    /// <summary>Migrating.</summary>
    internal const string Migration = "migration";

    internal static NpgsqlDataSource To(string connectionString, string name) => new NpgsqlDataSourceBuilder(connectionString) { Name = name }.Build();
}
