namespace Orion.Infrastructure.Persistence;

/// <summary>Names in SQL that is put together, as PostgreSQL and SQLite both read them.</summary>
internal static class SqlIdentifier
{
    /// <summary>The name between double quotes, whatever is in it.</summary>
    internal static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
