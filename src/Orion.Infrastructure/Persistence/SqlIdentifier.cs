namespace Orion.Infrastructure.Persistence;

/// <summary>Quotes identifiers for SQL that is composed from strings, in the syntax of both PostgreSQL and SQLite.</summary>
internal static class SqlIdentifier
{
    /// <summary>The name in double quotes; quotes in it are doubled.</summary>
    internal static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
