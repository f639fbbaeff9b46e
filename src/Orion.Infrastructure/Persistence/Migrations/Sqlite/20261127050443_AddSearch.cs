using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Orion.Infrastructure.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class AddSearch : Migration
    {
        /// <summary>The table of the tokens and its trigger, which EF Core does not know.</summary>
        internal const string Tokens =
            """
            CREATE VIRTUAL TABLE search_tokens USING fts5(tokens, content='', contentless_delete=1, detail=none, tokenize='ascii');
            CREATE TRIGGER search_documents_deleted AFTER DELETE ON search_documents
            BEGIN DELETE FROM search_tokens WHERE rowid = old.number; END;
            """;

        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "indexed_version",
                table: "sessions",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "search_documents",
                columns: table => new
                {
                    number = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    owner_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    session_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    sequence = table.Column<int>(type: "INTEGER", nullable: false),
                    period = table.Column<int>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_search_documents", x => x.number);
                    table.ForeignKey(
                        name: "fk_search_documents_sessions_owner_id_session_id",
                        columns: x => new { x.owner_id, x.session_id },
                        principalTable: "sessions",
                        principalColumns: new[] { "owner_id", "id" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_sessions_not_indexed",
                table: "sessions",
                columns: new[] { "owner_id", "id" },
                filter: "indexed_version <> version");

            migrationBuilder.CreateIndex(
                name: "ix_search_documents_owner_id_period",
                table: "search_documents",
                columns: new[] { "owner_id", "period" });

            migrationBuilder.CreateIndex(
                name: "ix_search_documents_owner_id_session_id_sequence",
                table: "search_documents",
                columns: new[] { "owner_id", "session_id", "sequence" },
                unique: true);

            migrationBuilder.Sql(Tokens);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "search_tokens");

            migrationBuilder.DropTable(
                name: "search_documents");

            migrationBuilder.DropIndex(
                name: "ix_sessions_not_indexed",
                table: "sessions");

            migrationBuilder.DropColumn(
                name: "indexed_version",
                table: "sessions");
        }
    }
}
