using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Configuration.Rules;

namespace Orion.Infrastructure.LegacyImport;

/// <summary>Reads the address of the old service's database, by the same rules as DATABASE_URL's.</summary>
public static class LegacyDatabaseUrl
{
    /// <summary>The old service's database, which has not been connected to yet; or what is wrong with its address.</summary>
    /// <param name="url"><c>postgresql://user:password@host:port/name</c>. No sentence repeats it.</param>
    /// <param name="workingDirectory">What the path of a certificate is relative to.</param>
    /// <param name="isDevelopment">Everywhere else the rules of Production hold.</param>
    public static LegacyDatabaseUrlResult Read(string url, string workingDirectory, bool isDevelopment)
    {
        if (!DatabaseUrl.IsPostgres(url)) return new(null, "It does not begin with postgresql://.", false);
        var (target, flaw) = DatabaseUrl.Read(url, workingDirectory);
        flaw ??= DatabaseRules.TlsFlaw(target!, isDevelopment);
        return flaw is null
            ? new(new LegacyDatabase(target!), null, DatabaseRules.IsInTheClear(target!))
            : new(null, $"It {flaw.What}. {flaw.Fix}", false);
    }
}

/// <summary>What came of reading the address.</summary>
/// <param name="Database">The database; null where something is wrong. Whoever has it disposes of it.</param>
/// <param name="Problem">What is wrong, without the address; null where nothing is.</param>
/// <param name="IsInTheClear">Whether the password and all data travel in plain text to another host.</param>
public sealed record LegacyDatabaseUrlResult(Application.Import.Legacy.ILegacyService? Database, string? Problem, bool IsInTheClear);
