using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Orion.Infrastructure.Persistence.Postgres;
using Orion.Infrastructure.Persistence.Sqlite;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>Adds an interceptor between Orion and its database.</summary>
internal static class Interception
{
    /// <summary>For <see cref="OrionServer.Launch"/>.</summary>
    public static Action<WebApplicationBuilder> With(IInterceptor interceptor) => builder => builder.Services
        .ConfigureDbContext<PostgresDbContext>(options => options.AddInterceptors(interceptor))
        .ConfigureDbContext<SqliteDbContext>(options => options.AddInterceptors(interceptor));
}

/// <summary>Records the commands that are sent to the database.</summary>
internal sealed class Commands : DbCommandInterceptor
{
    private readonly ConcurrentQueue<string> _texts = new();

    /// <summary>The commands since <see cref="Clear"/>, except deletions: expired records are deleted at any time.</summary>
    public IReadOnlyList<string> Texts => [.. _texts.Where(text => !text.StartsWith("DELETE FROM", StringComparison.Ordinal))];

    public void Clear() => _texts.Clear();

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        _texts.Enqueue(command.CommandText);
        return base.ReaderExecutingAsync(command, eventData, result, cancellationToken);
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        _texts.Enqueue(command.CommandText);
        return base.NonQueryExecutingAsync(command, eventData, result, cancellationToken);
    }

    public override ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default)
    {
        _texts.Enqueue(command.CommandText);
        return base.ScalarExecutingAsync(command, eventData, result, cancellationToken);
    }
}
