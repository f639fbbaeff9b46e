using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orion.Infrastructure.Configuration;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>
/// Records in the <see cref="QueryRecorder"/> of a request all queries that it sends to PostgreSQL, including those that bypass EF Core, from the
/// driver's log.
/// </summary>
internal static partial class DriverQueryRecorder
{
    /// <summary>A server's connections, with that log.</summary>
    internal static NpgsqlDataSource Connections(IServiceProvider server) => new NpgsqlDataSourceBuilder(server.GetRequiredService<DatabaseSettings>().ConnectionString)
        .UseLoggerFactory(LoggerFactory.Create(log => log.SetMinimumLevel(LogLevel.Debug).AddProvider(new Provider())))
        .EnableParameterLogging()
        .Build();

    [GeneratedRegex(@"\$(\d+)")]
    private static partial Regex Place();

    private sealed class Provider : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => QueryRecorder.Current is not null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name != "CommandExecutionCompletedWithParameters" || state is not IReadOnlyList<KeyValuePair<string, object?>> members) return;
            var values = members.ToDictionary();
            QueryRecorder.Current?.Add(
                Place().Replace((string)values["CommandText"]!, "@p$1"),
                ((IEnumerable<object>)values["Parameters"]!).Select((value, n) => KeyValuePair.Create($"p{n + 1}", value)));
        }

        public void Dispose()
        {
        }
    }
}
