using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using EfMigrator = Microsoft.EntityFrameworkCore.Migrations.IMigrator;

namespace Orion.Infrastructure.Persistence.Migrations;

/// <summary>The SQL of the migrations that a database lacks.</summary>
internal static class PendingScript
{
    /// <summary>The script, from the newest migration that is applied to this version's; empty where nothing is pending.</summary>
    internal static async Task<string> Of(DbContext context, CancellationToken cancellationToken)
    {
        if (!(await context.Database.GetPendingMigrationsAsync(cancellationToken)).Any()) return "";
        var newest = (await context.Database.GetAppliedMigrationsAsync(cancellationToken)).LastOrDefault();
        return context.GetService<EfMigrator>().GenerateScript(newest);
    }
}
