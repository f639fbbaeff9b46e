using Orion.Application.Import;
using Orion.Cli.Execution;

namespace Orion.Cli.Import;

/// <summary>Reports the import of another program's export.</summary>
internal static class ForeignReport
{
    internal static void Write(Terminal terminal, string program, string database, UserImport user, bool dryRun) => terminal.Report(
        new { from = program, database, dryRun, users = new[] { UserReport.ToJson(user) } },
        output =>
        {
            output.WriteLine(dryRun
                ? $"Nothing was written to {database}. An import from {program} would do this:"
                : $"Imported from {program} into {database}:");
            UserReport.Write(output, user);
        });
}
