using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using EfMigrator = Microsoft.EntityFrameworkCore.Migrations.IMigrator;

namespace Orion.Infrastructure.Persistence.Migrations;

/// <summary>The SQL of a database's pending migrations.</summary>
internal static class PendingScript
{
    /// <summary>The script from the newest applied migration to this version's; empty if none is pending.</summary>
    internal static async Task<string> Of(DbContext context, CancellationToken cancellationToken)
    {
        if (!(await context.Database.GetPendingMigrationsAsync(cancellationToken)).Any()) return "";
        var newest = (await context.Database.GetAppliedMigrationsAsync(cancellationToken)).LastOrDefault();
        return context.GetService<EfMigrator>().GenerateScript(newest);
    }
}
