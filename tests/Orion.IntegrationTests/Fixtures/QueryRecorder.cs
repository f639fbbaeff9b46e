using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>A query that Orion has sent.</summary>
public sealed record RecordedQuery(string Sql, IReadOnlyList<KeyValuePair<string, object>> Parameters);

/// <summary>Records all queries except those of the allow-list.</summary>
internal sealed class QueryRecorder : DbCommandInterceptor
{
    // The allow-list has one row for each user, and is queried at any time. The other queries are those of the background.
    private static readonly string[] Ignored = ["authorized_users", "frames_deleted", "indexed_version <> version"];

    private readonly ConcurrentQueue<RecordedQuery> _seen = new();

    /// <summary>Returns and removes the recorded queries, the oldest first.</summary>
    public IReadOnlyList<RecordedQuery> Take()
    {
        var taken = new List<RecordedQuery>();
        while (_seen.TryDequeue(out var query)) taken.Add(query);
        return taken;
    }

    public void Add(string sql, IEnumerable<KeyValuePair<string, object>> parameters)
    {
        if (!Ignored.Any(text => sql.Contains(text, StringComparison.Ordinal))) _seen.Enqueue(new RecordedQuery(sql, [.. parameters]));
    }

    // On PostgreSQL, some queries bypass EF Core: DriverQueryRecorder records them.
    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Add(command.CommandText, command.Parameters.Cast<DbParameter>().Select(parameter => KeyValuePair.Create(parameter.ParameterName, parameter.Value!)));
        return base.ReaderExecutingAsync(command, eventData, result, cancellationToken);
    }
}
