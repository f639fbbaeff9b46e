using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Orion.IntegrationTests.Databases;

/// <summary>
/// Shows <see cref="SeenQueries"/> what a server sends to PostgreSQL, past EF Core too: the driver's own log tells. That log is
/// the process's, so that a request brings along who wants to see its queries.
/// </summary>
internal sealed partial class SeenCommands(SeenQueries seen) : IStartupFilter
{
    private static readonly AsyncLocal<SeenQueries?> Current = new();

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((http, following) =>
        {
            Current.Value = seen;
            return following(http);
        });
        next(app);
    };

    [ModuleInitializer]
    internal static void Listen() =>
        NpgsqlLoggingConfiguration.InitializeLogging(LoggerFactory.Create(log => log.SetMinimumLevel(LogLevel.Debug).AddProvider(new Provider())), true);

    [GeneratedRegex(@"\$(\d+)")]
    private static partial Regex Place();

    private sealed class Provider : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => Current.Value is not null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name != "CommandExecutionCompletedWithParameters" || state is not IReadOnlyList<KeyValuePair<string, object?>> members) return;
            var values = members.ToDictionary();
            Current.Value?.Add(
                Place().Replace((string)values["CommandText"]!, "@p$1"),
                ((IEnumerable<object>)values["Parameters"]!).Select((value, n) => KeyValuePair.Create($"p{n + 1}", value)));
        }

        public void Dispose()
        {
        }
    }
}
