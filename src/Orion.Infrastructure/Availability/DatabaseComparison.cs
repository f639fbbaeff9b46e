namespace Orion.Infrastructure.Availability;

/// <summary>Whether two settings name one database.</summary>
public enum DatabaseMatch
{
    /// <summary>They do.</summary>
    Same,

    /// <summary>They do not.</summary>
    Different,

    /// <summary>It cannot be known.</summary>
    Unknown,
}

/// <summary>What came of comparing DATABASE_URL's database with MIGRATION_DATABASE_URL's.</summary>
/// <param name="Match">Whether they are one.</param>
/// <param name="What">The finding as a sentence, without credentials.</param>
public sealed record DatabaseComparison(DatabaseMatch Match, string What)
{
    /// <summary>What to do where they are two.</summary>
    public const string Advice = "Let both lead to one database: what is migrated and backed up is MIGRATION_DATABASE_URL's, and the data is in DATABASE_URL's.";
}

/// <summary>Two settings that must name one database name two. The message is for the operator.</summary>
public sealed class DatabaseMismatchException(DatabaseComparison comparison) : Exception($"{comparison.What}. {DatabaseComparison.Advice}");
