using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>A query that Orion has sent.</summary>
public sealed record RecordedQuery(string Sql, IReadOnlyList<KeyValuePair<string, object>> Parameters);

/// <summary>Records the queries of requests, except those of the allow-list, which has one row for each user and is cached.</summary>
internal sealed class QueryRecorder : DbCommandInterceptor
{
    private static readonly AsyncLocal<QueryRecorder?> OfRequest = new();

    private readonly ConcurrentQueue<RecordedQuery> _seen = new();

    /// <summary>That of the current request; null in the background.</summary>
    public static QueryRecorder? Current => OfRequest.Value;

    /// <summary>Records the queries of a server's requests.</summary>
    public IStartupFilter Filter => new RequestFilter(_ => OfRequest.Value = this);

    /// <summary>Returns and removes the recorded queries, the oldest first.</summary>
    public IReadOnlyList<RecordedQuery> Take()
    {
        var taken = new List<RecordedQuery>();
        while (_seen.TryDequeue(out var query)) taken.Add(query);
        return taken;
    }

    public void Add(string sql, IEnumerable<KeyValuePair<string, object>> parameters)
    {
        if (!sql.Contains("authorized_users", StringComparison.Ordinal)) _seen.Enqueue(new RecordedQuery(sql, [.. parameters]));
    }

    // On PostgreSQL, some queries bypass EF Core: DriverQueryRecorder records them.
    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Current?.Add(command.CommandText, command.Parameters.Cast<DbParameter>().Select(parameter => KeyValuePair.Create(parameter.ParameterName, parameter.Value!)));
        return base.ReaderExecutingAsync(command, eventData, result, cancellationToken);
    }
}
