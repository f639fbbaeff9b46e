using Microsoft.Extensions.Logging;

namespace Orion.UnitTests.Fixtures;

/// <summary>Records the lines and scopes that a class writes.</summary>
internal sealed class RecordingLogger<T> : ILogger<T>
{
    private readonly List<object> _scopes = [];

    internal List<(LogLevel Level, EventId Event, string Message)> Lines { get; } = [];

    internal IReadOnlyList<object> OpenScopes => _scopes;

    public IDisposable BeginScope<TState>(TState state)
        where TState : notnull
    {
        _scopes.Add(state);
        return new Scope(_scopes);
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Add((logLevel, eventId, formatter(state, exception)));

    private sealed class Scope(List<object> scopes) : IDisposable
    {
        public void Dispose() => scopes.RemoveAt(scopes.Count - 1);
    }
}
