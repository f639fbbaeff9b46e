using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Persistence.Postgres;
using Orion.Infrastructure.Persistence.Sqlite;

namespace Orion.ArchitectureTests;

/// <summary>
/// Migrations only add (CONTRIBUTING.md), so that the previous release still works on the same tables. The tests examine their operations
/// for both databases. Reviewers check that the previous release works with the additions.
/// </summary>
public sealed class AddingMigrations
{
    // Reviewed exceptions: the migration's id, a dot, and the operation; and why it is harmless.
    private static readonly Dictionary<string, string> LookedAt = new()
    {
        ["20261126182430_SessionListIndexes.DropIndex"] = "Partial indexes replace both. No version that needs them was released.",
        ["20261126182435_SessionListIndexes.DropIndex"] = "The same on SQLite.",
        [$"20261127050443_AddSearch.Sql({Infrastructure.Persistence.Migrations.Sqlite.AddSearch.Tokens})"] = "Creates the FTS5 table of the search index and its trigger, which EF Core does not know.",
    };

    private static readonly IReadOnlyList<Type> Written =
        [.. typeof(OrionSettings).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Migration)) && !type.IsAbstract)];

    [Fact]
    public void Every_migration_of_both_databases_only_adds()
    {
        Assert.Contains(Written, type => type.Namespace!.EndsWith(".Postgres", StringComparison.Ordinal));
        Assert.Contains(Written, type => type.Namespace!.EndsWith(".Sqlite", StringComparison.Ordinal));

        var takers = Written.SelectMany(type => RemovingOperations(Operations(type))
            .Select(taker => $"{type.GetCustomAttribute<MigrationAttribute>()!.Id}.{taker}"))
            .ToList();

        Assert.Empty(takers.Except(LookedAt.Keys));
        Assert.Empty(LookedAt.Keys.Except(takers));
    }

    // Without a database, because no server starts while a migration is missing.
    [Fact]
    public void Every_change_of_the_mapping_has_a_migration_for_both_databases()
    {
        using var postgres = new PostgresServices.DesignTime().CreateDbContext([]);
        using var sqlite = new SqliteServices.DesignTime().CreateDbContext([]);

        foreach (var context in (DbContext[])[postgres, sqlite])
        {
            Assert.True(
                !context.Database.HasPendingModelChanges(),
                $"The mapping has changed since the last migration of {context.GetType().Name}. Add one as described in CONTRIBUTING.md, section Migrations.");
        }
    }

    [Fact]
    public void A_migration_that_removes_something_is_found()
    {
        var migration = new MigrationBuilder(activeProvider: null);
        migration.DropTable("sessions");
        migration.DropColumn("title", "sessions");
        migration.RenameColumn("title", "sessions", "name");
        migration.RenameTable("sessions", newName: "chats");
        migration.DropIndex("ix_sessions", "sessions");
        migration.AddColumn<string>("needed", "sessions", nullable: false);
        migration.AlterColumn<string>("title", "sessions", maxLength: 100, nullable: true, oldClrType: typeof(string), oldMaxLength: 200, oldNullable: true);
        migration.AlterColumn<string>("title", "sessions", maxLength: 200, nullable: true, oldClrType: typeof(string), oldNullable: true);
        migration.AlterColumn<string>("title", "sessions", nullable: false, oldClrType: typeof(string), oldNullable: true);
        migration.AlterColumn<string>("title", "sessions", nullable: true, oldClrType: typeof(string), oldNullable: false);
        migration.AlterColumn<long>("version", "sessions", nullable: false, oldClrType: typeof(int), oldNullable: false);
        migration.AlterColumn<string>("title", "sessions", type: "uuid", nullable: true, oldClrType: typeof(string), oldType: "text", oldNullable: true);
        migration.CreateIndex("ux_sessions_title", "sessions", "title", unique: true);
        migration.AddCheckConstraint("ck_title", "sessions", "title <> ''");
        migration.AddForeignKey("fk_messages", "messages", "session_id", "sessions", principalColumn: "id");
        migration.Sql("DELETE FROM messages");
        migration.DeleteData("sessions", "id", "1");

        Assert.Equal(migration.Operations.Count, RemovingOperations(migration.Operations).Count());
    }

    [Fact]
    public void A_migration_that_only_adds_is_accepted()
    {
        var migration = new MigrationBuilder(activeProvider: null);
        migration.CreateTable("notes", table => new { id = table.Column<Guid>(nullable: false) }, constraints: table => table.PrimaryKey("pk_notes", x => x.id));
        migration.CreateIndex("ux_notes", "notes", "id", unique: true);
        migration.AddColumn<string>("note", "sessions", nullable: true);
        migration.AddColumn<int>("stars", "sessions", nullable: false, defaultValue: 0);
        migration.CreateIndex("ix_sessions_note", "sessions", "note");
        migration.AlterColumn<string>(
            "title", "sessions", type: "character varying(300)", maxLength: 300, nullable: true,
            oldClrType: typeof(string), oldType: "character varying(200)", oldMaxLength: 200, oldNullable: true);

        Assert.Empty(RemovingOperations(migration.Operations));
    }

    private static IReadOnlyList<MigrationOperation> Operations(Type type)
    {
        var migration = (Migration)Activator.CreateInstance(type)!;
        migration.ActiveProvider = type.Namespace!.EndsWith(".Postgres", StringComparison.Ordinal)
            ? "Npgsql.EntityFrameworkCore.PostgreSQL"
            : "Microsoft.EntityFrameworkCore.Sqlite";
        return migration.UpOperations;
    }

    // An operation counts as removing unless it is known to only add. SQL statements count as removing too.
    private static IEnumerable<string> RemovingOperations(IReadOnlyList<MigrationOperation> operations)
    {
        var made = operations.OfType<CreateTableOperation>().Select(table => table.Name).ToHashSet();
        return operations.Where(operation => !Adds(operation, made)).Select(Name);
    }

    private static bool Adds(MigrationOperation operation, HashSet<string> made) => operation switch
    {
        CreateTableOperation or EnsureSchemaOperation or CreateSequenceOperation => true,
        // The previous release does not name the column when it inserts.
        AddColumnOperation column => column.IsNullable || column.DefaultValue is not null || column.DefaultValueSql is not null
            || column.ComputedColumnSql is not null,
        // The previous release may write values that a new constraint rejects, but not into a new table.
        CreateIndexOperation index => !index.IsUnique || made.Contains(index.Table),
        AddForeignKeyOperation or AddUniqueConstraintOperation or AddCheckConstraintOperation => made.Contains(((ITableMigrationOperation)operation).Table),
        AlterColumnOperation column => IsWidened(column),
        _ => false,
    };

    private static bool IsWidened(AlterColumnOperation to)
    {
        var from = to.OldColumn;
        return to.ClrType == from.ClrType && WithoutLength(to.ColumnType) == WithoutLength(from.ColumnType) && to.IsNullable == from.IsNullable
            && to.IsUnicode == from.IsUnicode && to.Collation == from.Collation && to.Precision == from.Precision && to.Scale == from.Scale
            && from.MaxLength is not null && (to.MaxLength is null || to.MaxLength > from.MaxLength);
    }

    private static string? WithoutLength(string? type) => type?.Split('(')[0];

    private static string Name(MigrationOperation operation)
    {
        var what = operation.GetType().Name.Replace("Operation", "", StringComparison.Ordinal);
        return operation switch
        {
            SqlOperation sql => $"{what}({sql.Sql})",
            ColumnOperation column => $"{what}({column.Table}.{column.Name})",
            ITableMigrationOperation { Table: var table } => $"{what}({table})",
            _ => what,
        };
    }
}
