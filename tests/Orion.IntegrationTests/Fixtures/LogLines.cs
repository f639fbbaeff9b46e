using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>A line of Orion's log, with its scopes.</summary>
public sealed record LogLine(string Category, LogLevel Level, EventId Event, string Text, Exception? Exception);

/// <summary>Collects Orion's log.</summary>
/// <param name="shared">Collects the lines of another instance, too; null for only one.</param>
public sealed class LogLines(LogLines? shared = null) : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<LogLine> _lines = shared?._lines ?? new();
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    /// <summary>All lines so far, the oldest first.</summary>
    public IReadOnlyList<LogLine> All => [.. _lines];

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
    }

    private sealed class Logger(LogLines lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => lines._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            var text = formatter(state, exception);
            lines._scopes.ForEachScope((scope, _) => text += $" {{{scope}}}", state);
            lines._lines.Enqueue(new LogLine(category, logLevel, eventId, text, exception));
        }
    }
}
