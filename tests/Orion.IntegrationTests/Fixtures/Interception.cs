using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
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

/// <summary>Records the commands that requests send to the database, and not those of the background.</summary>
internal sealed class Commands : DbCommandInterceptor
{
    private readonly ConcurrentQueue<string> _texts = new();
    private readonly AsyncLocal<bool> _isRequest = new();

    /// <summary>The commands since <see cref="Clear"/>.</summary>
    public IReadOnlyList<string> Texts => [.. _texts];

    public void Clear() => _texts.Clear();

    /// <summary>For <see cref="OrionServer.Launch"/>.</summary>
    public void AddTo(WebApplicationBuilder builder)
    {
        Interception.With(this)(builder);
        builder.Services.AddSingleton<IStartupFilter>(new RequestFilter(_ => _isRequest.Value = true));
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Record(command);
        return base.ReaderExecutingAsync(command, eventData, result, cancellationToken);
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Record(command);
        return base.NonQueryExecutingAsync(command, eventData, result, cancellationToken);
    }

    public override ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default)
    {
        Record(command);
        return base.ScalarExecutingAsync(command, eventData, result, cancellationToken);
    }

    private void Record(DbCommand command)
    {
        if (_isRequest.Value) _texts.Enqueue(command.CommandText);
    }
}
