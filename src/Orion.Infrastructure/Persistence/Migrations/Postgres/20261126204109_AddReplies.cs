using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Orion.Infrastructure.Persistence.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class AddReplies : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "replies",
                columns: table => new
                {
                    owner_id = table.Column<Guid>(type: "uuid", nullable: false),
                    session_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    message_id = table.Column<Guid>(type: "uuid", nullable: false),
                    status = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    finish_reason = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: true),
                    error = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    model = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    instance = table.Column<Guid>(type: "uuid", nullable: false),
                    lease = table.Column<long>(type: "bigint", nullable: false),
                    frames_deleted = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_replies", x => new { x.owner_id, x.session_id, x.id });
                    table.ForeignKey(
                        name: "fk_replies_sessions_owner_id_session_id",
                        columns: x => new { x.owner_id, x.session_id },
                        principalTable: "sessions",
                        principalColumns: new[] { "owner_id", "id" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "reply_frames",
                columns: table => new
                {
                    owner_id = table.Column<Guid>(type: "uuid", nullable: false),
                    session_id = table.Column<Guid>(type: "uuid", nullable: false),
                    reply_id = table.Column<Guid>(type: "uuid", nullable: false),
                    number = table.Column<int>(type: "integer", nullable: false),
                    frame_count = table.Column<int>(type: "integer", nullable: false),
                    frames = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_reply_frames", x => new { x.owner_id, x.session_id, x.reply_id, x.number });
                    table.ForeignKey(
                        name: "fk_reply_frames_replies_owner_id_session_id_reply_id",
                        columns: x => new { x.owner_id, x.session_id, x.reply_id },
                        principalTable: "replies",
                        principalColumns: new[] { "owner_id", "session_id", "id" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_replies_finished_at",
                table: "replies",
                column: "finished_at",
                filter: "NOT frames_deleted");

            migrationBuilder.CreateIndex(
                name: "ix_replies_owner_id_session_id",
                table: "replies",
                columns: new[] { "owner_id", "session_id" },
                unique: true,
                filter: "status = 'streaming'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "reply_frames");

            migrationBuilder.DropTable(
                name: "replies");
        }
    }
}
