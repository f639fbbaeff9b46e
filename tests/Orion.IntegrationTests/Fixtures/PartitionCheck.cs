using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Persistence.Postgres;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>
/// Reads the plans of all statements that a server sends to a <see cref="PartitionedDatabase"/>, and of those that PostgreSQL sends itself to
/// check foreign keys and to cascade. A statement of a request reads and writes one part, and all statements of a request the same one:
/// that of the caller. A background statement that reads several parts must be in <see cref="Background"/>.
/// </summary>
internal sealed partial class PartitionCheck : ILoggerProvider, ILogger
{
    private static int _checked;

    // The connections outside of the pool of requests have no log: the frame writer and the follower of replies (PostgresFrameStore,
    // PostgresFrameSource; each statement is for the replies of all users that run), the health check, and the commands of orion (export,
    // doctor, user erase).
    private static readonly (string Text, string Reason)[] Background =
    [
        ("FROM idempotency_keys", "IdempotencyCleanup finds the expired keys of all users"),
        ("WHERE r.finished_at <", "FrameCleanup finds the ended replies of all users"),
        ("FROM sessions AS s\nWHERE s.owner_id = ANY ($1) AND s.id = ANY ($2)", "CallerAccessWatch checks the session tokens with open streams"),
        ("JOIN authorized_users AS a ON r.owner_id = a.id\nWHERE r.status = 'streaming'", "AbandonedReplies finds the replies of all users whose process has ended"),
        ("WHERE indexed_version <> version", "SearchBackfill finds the sessions of all users that are not indexed"),
        ("WHERE s.indexed_version <> s.version", "SearchBackfill counts them"),
    ];

    // PostgresSearchIndex hides the owner from the planner, so that only the index on the tokens matches. Those of one owner are in one part.
    private const string Search = "WHERE tokens @@ (SELECT $2::tsquery) AND CASE WHEN owner_id = $1";

    private readonly AsyncLocal<Request?> _current = new();
    private readonly ConcurrentQueue<string> _violations = [];
    private readonly ConcurrentDictionary<string, ConcurrentBag<Plan>> _plans = new(StringComparer.Ordinal);

    static PartitionCheck() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        if (PartitionedDatabase.Parts is not null) Console.Error.WriteLine($"{_checked} statements of requests were checked to read one part.");
    };

    /// <summary>The plans of the requests so far: by method and path.</summary>
    public IReadOnlyDictionary<string, ConcurrentBag<Plan>> Plans => _plans;

    /// <summary>Adds the check to a server if its database is partitioned.</summary>
    internal static PartitionCheck? Add(WebApplicationBuilder builder, TestDatabase database)
    {
        if (database is not PostgresDatabase { IsPartitioned: true }) return null;
        var check = new PartitionCheck();
        builder.Services
            .AddSingleton<IStartupFilter>(new RequestFilter(http => check.Begin($"{http.Request.Method} {http.Request.Path}")))
            .AddSingleton(server => check.Connect(server.GetRequiredService<DatabaseSettings>().ConnectionString));
        return check;
    }

    /// <summary>From now on, the statements of this flow of control are those of a request.</summary>
    internal void Begin(string request) => _current.Value = new Request(request);

    /// <summary>Connections whose statements are checked.</summary>
    internal NpgsqlDataSource Connect(string connectionString) =>
        new NpgsqlDataSourceBuilder(connectionString) { Name = NamedConnections.Requests }
            .UseLoggerFactory(LoggerFactory.Create(log => log.SetMinimumLevel(LogLevel.Debug).AddProvider(this)))
            .Build();

    /// <summary>Fails if a statement since the last call has read more than it may.</summary>
    public void Verify()
    {
        var found = new List<string>();
        while (_violations.TryDequeue(out var violation)) found.Add(violation);
        Assert.True(found.Count == 0, string.Join("\n\n", found.Distinct().Take(10)));
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Name != "ReceivedNotice" || state is not IReadOnlyList<KeyValuePair<string, object?>> members) return;
        if (members.FirstOrDefault(member => member.Key == "NoticeText").Value is not string text || !text.StartsWith("duration: ", StringComparison.Ordinal)) return;
        using var explained = JsonDocument.Parse(text[text.IndexOf('{', StringComparison.Ordinal)..]);
        Check(Plan.Of(explained.RootElement));
    }

    public void Dispose()
    {
    }

    private void Check(Plan plan)
    {
        if (plan.Parts.Count == 0) return;
        var parts = plan.Parts.Select(part => part.Number).Distinct().ToList();
        if (_current.Value is not { } request)
        {
            if (parts.Count > 1 && !Background.Any(known => plan.Sql.Contains(known.Text, StringComparison.Ordinal)))
                _violations.Enqueue($"An unknown background statement reads {parts.Count} parts: {plan.Sql}");
            return;
        }

        Interlocked.Increment(ref _checked);
        _plans.GetOrAdd(request.Name, _ => []).Add(plan);
        if (parts.Count > 1 && plan.Sql.Contains(Search, StringComparison.Ordinal)) return;
        if (parts.Count > 1) _violations.Enqueue($"A statement of {request.Name} reads the parts {string.Join(", ", plan.Parts)}: {plan.Sql}");
        else if (request.Part(parts[0]) != parts[0]) _violations.Enqueue($"{request.Name} reads the parts {request.Part(parts[0])} and {string.Join(", ", plan.Parts)}: {plan.Sql}");
    }

    [GeneratedRegex(@"^(\w+)_p(\d+)$")]
    private static partial Regex PartName();

    /// <summary>A part of a table.</summary>
    internal sealed record Part(string Table, int Number)
    {
        public override string ToString() => $"{Table}_p{Number}";
    }

    /// <summary>The plan of a statement that was executed.</summary>
    /// <param name="Sql">The text of the statement.</param>
    /// <param name="Parts">The parts that it has read or written.</param>
    internal sealed record Plan(string Sql, IReadOnlySet<Part> Parts)
    {
        internal static Plan Of(JsonElement explained)
        {
            // The node of a write names tables that it could write; it writes what the nodes below it read, or what a trigger was called for.
            var read = Nodes(explained.GetProperty("Plan"))
                .Where(node => node.GetProperty("Node Type").GetString() != "ModifyTable" && node.GetProperty("Actual Loops").GetInt64() > 0)
                .Select(node => node.TryGetProperty("Relation Name", out var name) ? name.GetString() : null);
            var written = explained.TryGetProperty("Triggers", out var triggers)
                ? triggers.EnumerateArray().Where(trigger => trigger.GetProperty("Calls").GetDecimal() > 0).Select(trigger => trigger.GetProperty("Relation").GetString())
                : [];
            var parts = from table in read.Concat(written)
                        where table is not null
                        let name = PartName().Match(table)
                        where name.Success
                        select new Part(name.Groups[1].Value, int.Parse(name.Groups[2].ValueSpan, null));
            return new Plan(explained.GetProperty("Query Text").GetString()!, parts.ToHashSet());
        }

        private static IEnumerable<JsonElement> Nodes(JsonElement node) =>
            node.TryGetProperty("Plans", out var below) ? below.EnumerateArray().SelectMany(Nodes).Prepend(node) : [node];
    }

    private sealed class Request(string name)
    {
        private int _part = -1;

        public string Name => name;

        /// <summary>The first part that the request reads.</summary>
        public int Part(int read)
        {
            var first = Interlocked.CompareExchange(ref _part, read, -1);
            return first < 0 ? read : first;
        }
    }
}
