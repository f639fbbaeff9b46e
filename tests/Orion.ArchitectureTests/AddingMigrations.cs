using System.Reflection;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Orion.Infrastructure.Configuration;

namespace Orion.ArchitectureTests;

/// <summary>
/// Migrations only ever add (CONTRIBUTING.md): the release before goes on working on the same tables. It is their operations that are
/// looked at, in both databases; that the release before does not mind what they add is for whoever reviews them.
/// </summary>
public sealed class AddingMigrations
{
    // What these rules would refuse and somebody has looked at: the migration's id, a dot, and the operation; and why it does no harm.
    private static readonly Dictionary<string, string> LookedAt = [];

    private static readonly IReadOnlyList<Type> Written =
        [.. typeof(OrionSettings).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Migration)) && !type.IsAbstract)];

    [Fact]
    public void Every_migration_of_both_databases_only_adds()
    {
        Assert.Contains(Written, type => type.Namespace!.EndsWith(".Postgres", StringComparison.Ordinal));
        Assert.Contains(Written, type => type.Namespace!.EndsWith(".Sqlite", StringComparison.Ordinal));

        var takers = Written.SelectMany(type => Takers(Operations(type))
            .Select(taker => $"{type.GetCustomAttribute<MigrationAttribute>()!.Id}.{taker}"))
            .ToList();

        Assert.Empty(takers.Except(LookedAt.Keys));
        Assert.Empty(LookedAt.Keys.Except(takers));
    }

    [Fact]
    public void A_migration_that_takes_something_away_is_found()
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

        Assert.Equal(migration.Operations.Count, Takers(migration.Operations).Count());
    }

    [Fact]
    public void A_migration_that_adds_is_none_that_takes_away()
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

        Assert.Empty(Takers(migration.Operations));
    }

    private static IReadOnlyList<MigrationOperation> Operations(Type type)
    {
        var migration = (Migration)Activator.CreateInstance(type)!;
        migration.ActiveProvider = type.Namespace!.EndsWith(".Postgres", StringComparison.Ordinal)
            ? "Npgsql.EntityFrameworkCore.PostgreSQL"
            : "Microsoft.EntityFrameworkCore.Sqlite";
        return migration.UpOperations;
    }

    // What is not known to only add counts as taking away, statements of SQL among it.
    private static IEnumerable<string> Takers(IReadOnlyList<MigrationOperation> operations)
    {
        var made = operations.OfType<CreateTableOperation>().Select(table => table.Name).ToHashSet();
        return operations.Where(operation => !Adds(operation, made)).Select(Name);
    }

    private static bool Adds(MigrationOperation operation, HashSet<string> made) => operation switch
    {
        CreateTableOperation or EnsureSchemaOperation or CreateSequenceOperation => true,
        // The release before does not name the column when it inserts.
        AddColumnOperation column => column.IsNullable || column.DefaultValue is not null || column.DefaultValueSql is not null
            || column.ComputedColumnSql is not null,
        // It may write what a new rule refuses, but not into a table that it does not know.
        CreateIndexOperation index => !index.IsUnique || made.Contains(index.Table),
        AddForeignKeyOperation or AddUniqueConstraintOperation or AddCheckConstraintOperation => made.Contains(((ITableMigrationOperation)operation).Table),
        AlterColumnOperation column => OnlyGetsLonger(column),
        _ => false,
    };

    private static bool OnlyGetsLonger(AlterColumnOperation to)
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
