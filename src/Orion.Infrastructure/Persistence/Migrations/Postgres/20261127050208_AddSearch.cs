using System;
using Microsoft.EntityFrameworkCore.Migrations;
using NpgsqlTypes;

#nullable disable

namespace Orion.Infrastructure.Persistence.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class AddSearch : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "indexed_version",
                table: "sessions",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "search_documents",
                columns: table => new
                {
                    owner_id = table.Column<Guid>(type: "uuid", nullable: false),
                    session_id = table.Column<Guid>(type: "uuid", nullable: false),
                    sequence = table.Column<int>(type: "integer", nullable: false),
                    period = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    tokens = table.Column<NpgsqlTsVector>(type: "tsvector", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_search_documents", x => new { x.owner_id, x.session_id, x.sequence });
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
                name: "ix_search_documents_tokens",
                table: "search_documents",
                column: "tokens")
                .Annotation("Npgsql:IndexMethod", "gin")
                .Annotation("Npgsql:StorageParameter:gin_pending_list_limit", 256);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
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
