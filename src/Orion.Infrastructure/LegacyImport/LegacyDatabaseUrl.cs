using Orion.Application.Import.Legacy;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Configuration.Rules;

namespace Orion.Infrastructure.LegacyImport;

/// <summary>Reads the address of the legacy database by the same rules as <c>DATABASE_URL</c>.</summary>
public static class LegacyDatabaseUrl
{
    /// <summary>Reads the address. No connection is opened.</summary>
    /// <param name="url"><c>postgresql://user:password@host:port/name</c>. No message repeats it.</param>
    /// <param name="workingDirectory">The base of a certificate's relative path.</param>
    /// <param name="isDevelopment">Whether Development's rules apply instead of Production's.</param>
    public static LegacyDatabaseUrlResult Read(string url, string workingDirectory, bool isDevelopment)
    {
        if (!DatabaseUrl.IsPostgres(url)) return new(null, "It does not begin with postgresql://.", false);
        var (target, error) = DatabaseUrl.Read(url, workingDirectory);
        error ??= DatabaseRules.CheckSslMode(target!, isDevelopment);
        return error is null
            ? new(new LegacyDatabase(target!), null, DatabaseRules.IsPlainText(target!))
            : new(null, $"It {error.What}. {error.Fix}", false);
    }
}

/// <summary>The result of reading the address.</summary>
/// <param name="Database">The database, which the caller disposes of; null if the address is invalid.</param>
/// <param name="Problem">The error in the address, without repeating it; null if it is valid.</param>
/// <param name="IsPlainText">Whether the password and all data are sent to another host in plain text.</param>
public sealed record LegacyDatabaseUrlResult(ILegacyDatabase? Database, string? Problem, bool IsPlainText);
