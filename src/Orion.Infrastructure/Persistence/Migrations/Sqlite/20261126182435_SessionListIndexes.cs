using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Orion.Infrastructure.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class SessionListIndexes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_sessions_owner_id_created_at_id",
                table: "sessions");

            migrationBuilder.DropIndex(
                name: "ix_sessions_owner_id_updated_at_id",
                table: "sessions");

            migrationBuilder.CreateIndex(
                name: "ix_sessions_archived_owner_id_created_at_id",
                table: "sessions",
                columns: new[] { "owner_id", "created_at", "id" },
                filter: "archived_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_sessions_archived_owner_id_updated_at_id",
                table: "sessions",
                columns: new[] { "owner_id", "updated_at", "id" },
                filter: "archived_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_sessions_current_owner_id_created_at_id",
                table: "sessions",
                columns: new[] { "owner_id", "created_at", "id" },
                filter: "archived_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_sessions_current_owner_id_updated_at_id",
                table: "sessions",
                columns: new[] { "owner_id", "updated_at", "id" },
                filter: "archived_at IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_sessions_archived_owner_id_created_at_id",
                table: "sessions");

            migrationBuilder.DropIndex(
                name: "ix_sessions_archived_owner_id_updated_at_id",
                table: "sessions");

            migrationBuilder.DropIndex(
                name: "ix_sessions_current_owner_id_created_at_id",
                table: "sessions");

            migrationBuilder.DropIndex(
                name: "ix_sessions_current_owner_id_updated_at_id",
                table: "sessions");

            migrationBuilder.CreateIndex(
                name: "ix_sessions_owner_id_created_at_id",
                table: "sessions",
                columns: new[] { "owner_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_sessions_owner_id_updated_at_id",
                table: "sessions",
                columns: new[] { "owner_id", "updated_at", "id" });
        }
    }
}
