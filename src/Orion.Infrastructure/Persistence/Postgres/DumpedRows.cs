using System.Text.RegularExpressions;
using Orion.Infrastructure.Backups;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>Counts the rows in the SQL script that <c>pg_restore</c> prints. Each row of a COPY statement is one line.</summary>
internal static partial class DumpedRows
{
    private const string EndOfData = @"\.";

    /// <summary>The number of rows of each table that the script creates.</summary>
    internal static async Task<Dictionary<string, long>> Count(TextReader script, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<string, long>();
        while (await script.ReadLineAsync(cancellationToken) is { } line)
        {
            if (Statement().Match(line) is not { Success: true } statement) continue;
            var table = BackupResult.NameOf(Unquote(statement.Groups["schema"].Value), Unquote(statement.Groups["table"].Value));
            rows.TryAdd(table, 0);
            if (statement.Groups["keyword"].Value != "COPY") continue;
            while (await script.ReadLineAsync(cancellationToken) is { } row && row != EndOfData) rows[table]++;
        }

        return rows;
    }

    private static string Unquote(string name) => name[0] == '"' ? name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : name;

    [GeneratedRegex("""^(?<keyword>COPY|CREATE TABLE) (?<schema>"(?:[^"]|"")+"|[^". ]+)\.(?<table>"(?:[^"]|"")+"|[^". ]+) \(""")]
    private static partial Regex Statement();
}
