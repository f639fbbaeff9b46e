using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Orion.IntegrationTests.Sessions;

/// <summary>Messages are read in batches. A session that is deleted between two batches is not found; it is not returned in part.</summary>
public abstract class DeletedBetweenBatches(OrionFixture orion) : OrionTests(orion)
{
    private const int Messages = 600;

    [Theory]
    [InlineData("/api/sessions/messages?sessionId=ID")]
    [InlineData("/api/sessions/ID/messages?limit=1000")]
    [InlineData("/api/sessions/ID/messages?limit=600&order=desc")]
    public async Task The_session_is_not_found(string path)
    {
        var deletion = new Deletion();
        await using var server = await OrionServer.Start(Orion.Database, Interception.With(deletion));
        var id = await server.Api.Create();
        for (var n = 0; n < Messages; n++) await server.Api.Append(id, "x");
        Assert.Equal(Messages, (await server.Api.Get(path.Replace("ID", id, StringComparison.Ordinal))).Should(200).Json.GetProperty("count").GetInt32());

        deletion.Next = async () => (await Api.Delete($"/api/sessions/{id}")).Should(204);

        (await server.Api.Get(path.Replace("ID", id, StringComparison.Ordinal))).ShouldBeProblem(404, "session_not_found");
        Assert.Null(deletion.Next);
    }

    // Between the first batch and the second one.
    private sealed class Deletion : DbCommandInterceptor
    {
        private int _batches;

        public Func<Task>? Next { get; set; }

        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (Next is { } delete && command.CommandText.Replace("\"", "", StringComparison.Ordinal).Contains("FROM messages", StringComparison.Ordinal) && ++_batches == 2)
            {
                Next = null;
                await delete();
            }

            return result;
        }
    }
}

[Collection(OnPostgres.Name)]
[OneInstance("These tests start their own servers.")]
public sealed class DeletedBetweenBatchesOnPostgres(PostgresOrion orion) : DeletedBetweenBatches(orion);

[Collection(OnSqlite.Name)]
public sealed class DeletedBetweenBatchesOnSqlite(SqliteOrion orion) : DeletedBetweenBatches(orion);
