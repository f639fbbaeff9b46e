namespace Orion.Infrastructure.Availability;

/// <summary>Whether two settings refer to the same database.</summary>
public enum DatabaseMatch
{
    /// <summary>They refer to the same database.</summary>
    Same,

    /// <summary>They refer to different databases.</summary>
    Different,

    /// <summary>The comparison is not possible.</summary>
    Unknown,
}

/// <summary>The comparison of the databases of DATABASE_URL and MIGRATION_DATABASE_URL.</summary>
/// <param name="Match">Whether they are the same.</param>
/// <param name="What">The result as a sentence, without credentials and without the final period.</param>
public sealed record DatabaseComparison(DatabaseMatch Match, string What)
{
    /// <summary>What to do if they are different.</summary>
    public const string Advice = "Set both to the same database. Orion migrates and backs up the database of MIGRATION_DATABASE_URL, and stores its data in the database of DATABASE_URL.";
}

/// <summary>Two settings that must refer to the same database do not. The message is for the operator.</summary>
public sealed class DatabaseMismatchException(DatabaseComparison comparison) : Exception($"{comparison.What}. {DatabaseComparison.Advice}");
