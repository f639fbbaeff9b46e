using System.Data.Common;
using System.Reflection;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Orion.Domain.Users;

namespace Orion.Infrastructure.Persistence.Migrations;

/// <summary>
/// Whether a start has nothing to change in the database, which is the usual case. It does not use EF Core, because building its model
/// takes half of the time of a start (docs/performance.md).
/// </summary>
/// <param name="context">The context whose migrations count.</param>
/// <param name="open">Opens a connection.</param>
/// <param name="canWriteOwners">The SQL condition under which the role may change the allow-list.</param>
internal sealed class StartupCheck(Type context, Func<CancellationToken, Task<DbConnection>> open, string canWriteOwners = "TRUE")
{
    private const string Migrations = "SELECT migration_id FROM \"" + HistoryRepository.DefaultTableName + "\"";
    private const string Owners = "SELECT email FROM authorized_users WHERE source = 'configuration' AND revoked_at IS NULL";

    /// <summary>
    /// Whether all migrations are applied, and <see cref="Application.Users.SyncConfiguredOwner"/> would change nothing. False if the
    /// database cannot be read, or its role may not write: the start then finds out why.
    /// </summary>
    internal async Task<bool> HasNothingToChange(EmailAddress owner, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await open(cancellationToken);
            var applied = await Column(connection, Migrations, cancellationToken);
            var owners = await Column(connection, $"{Owners} AND {canWriteOwners}", cancellationToken);
            return AllMigrations().All(applied.Contains) && owners.SequenceEqual([owner.Value]);
        }
        catch (DbException)
        {
            return false;
        }
    }

    private IEnumerable<string> AllMigrations() =>
        from type in context.Assembly.GetTypes()
        where type.IsSubclassOf(typeof(Migration)) && type.GetCustomAttribute<DbContextAttribute>()?.ContextType == context
        select type.GetCustomAttribute<MigrationAttribute>()!.Id;

    private static async Task<List<string>> Column(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<string> values = [];
        while (await reader.ReadAsync(cancellationToken)) values.Add(reader.GetString(0));
        return values;
    }
}
