using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orion.Application.Replies;
using Orion.Infrastructure.Persistence.Postgres;
using Orion.Infrastructure.Replies;

namespace Orion.IntegrationTests.Replies;

/// <summary>Replies of instances that reach PostgreSQL through a pooler in transaction mode, which delivers no notifications.</summary>
public sealed class RepliesBehindPgBouncer
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    // The contract says 600 ms: the pause between two looks, and the look. On a busy machine only the pause and the number of looks are
    // certain.
    [Fact]
    public async Task A_token_is_found_by_the_first_look_after_it_was_stored_and_looks_are_at_most_500_ms_apart()
    {
        await using var postgres = await PostgresServers.StartStoppable();
        await using var database = await PostgresDatabase.Create(postgres.Superuser);
        await using var bouncer = await PgBouncer.Start(postgres.Superuser, poolSize: 5);
        (string, string)[] pooling = [("DATABASE_URL", Through(bouncer, database)), ("DB_PREPARED_STATEMENTS", "false")];
        await using var direct = await OrionServer.Start(database, RecordedSource.AddTo);
        await using var pooled = await OrionServer.Start(database, RecordedSource.AddTo, pooling);
        foreach (var (writer, reader) in ((OrionServer, OrionServer)[])[(direct, pooled), (pooled, direct)])
        {
            var looks = (RecordedSource)reader.Services.GetRequiredService<IFrameSource>();
            writer.Model.TakeCalls();
            var session = await writer.Api.Create();
            using var stream = await writer.Api.OpenReply(session);
            var call = await writer.Model.NextCall();
            using var remote = await reader.Api.Open(HttpMethod.Get, $"/api/sessions/{session}/stream");
            await remote.Until("start");
            await Eventually.Until(() => looks.Count > 0, "It does not follow the reply.");
            for (var n = 0; n < 10; n++)
            {
                call.Write(n.ToString(CultureInfo.InvariantCulture));
                var frame = await stream.Until("text-delta");
                var before = looks.Count;
                Assert.Equal(frame, await remote.Until("text-delta"));
                Assert.InRange(looks.Found[frame.Id!.Value], 1, before + 1);
            }

            call.Finish();
            Assert.Equal(["text-end", "finish", null], (await remote.ToEnd()).Select(frame => frame.Type));
            Assert.NotEmpty(looks.Pauses);
            Assert.All(looks.Pauses, pause => Assert.InRange(pause, TimeSpan.Zero, LongestPause));
        }
    }

    private static string Through(PgBouncer bouncer, PostgresDatabase database) => PostgresDatabase.Url(
        new NpgsqlConnectionStringBuilder(database.Connection.ConnectionString) { Host = "127.0.0.1", Port = bouncer.Port });

    /// <summary>Records the looks at the replies of other instances.</summary>
    private sealed class RecordedSource(IFrameSource inner) : IFrameSource
    {
        private int _count;

        /// <summary>How many looks have begun.</summary>
        public int Count => Volatile.Read(ref _count);

        /// <summary>The look that found each frame.</summary>
        public ConcurrentDictionary<int, int> Found { get; } = new();

        /// <summary>How long it was to wait between two looks.</summary>
        public ConcurrentQueue<TimeSpan> Pauses { get; } = new();

        public static void AddTo(WebApplicationBuilder builder) => builder.Services.AddSingleton<IFrameSource>(
            provider => new RecordedSource(ActivatorUtilities.CreateInstance<PostgresFrameSource>(provider)));

        public Task WaitForChange(TimeSpan atMost, CancellationToken cancellationToken)
        {
            Pauses.Enqueue(atMost);
            return inner.WaitForChange(atMost, cancellationToken);
        }

        public async Task<IReadOnlyList<NewFrames>> Read(IReadOnlyList<(ReplyKey Reply, int After)> replies, CancellationToken cancellationToken)
        {
            var look = Interlocked.Increment(ref _count);
            var read = await inner.Read(replies, cancellationToken);
            foreach (var frame in read.SelectMany(one => one.Frames)) Found.TryAdd(frame.Number, look);
            return read;
        }

        public ValueTask Close() => inner.Close();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
