using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Orion.Api.Logging;

/// <summary>
/// Lowers one event of Kestrel to Debug. When a client frames a body incorrectly (a trailer with NUL), Kestrel cannot read the rest of it
/// and logs an error, although the client is at fault and already has its response. That error would raise an alert. A filter rule cannot
/// select a single event.
/// </summary>
internal sealed class KestrelLogging(ILoggerFactory inner) : ILoggerFactory
{
    private const string Kestrel = "Microsoft.AspNetCore.Server.Kestrel";

    internal static void Add(IServiceCollection services) => services.Replace(ServiceDescriptor.Singleton<ILoggerFactory>(
        provider => new KestrelLogging(new LoggerFactory(
            provider.GetServices<ILoggerProvider>(),
            provider.GetRequiredService<IOptionsMonitor<LoggerFilterOptions>>(),
            provider.GetRequiredService<IOptions<LoggerFactoryOptions>>()))));

    public ILogger CreateLogger(string categoryName)
    {
        var logger = inner.CreateLogger(categoryName);
        return categoryName == Kestrel ? new Logger(logger) : logger;
    }

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose() => inner.Dispose();

    private sealed class Logger(ILogger inner) : ILogger
    {
        private const string CannotDrain = "RequestBodyDrainBodyReaderInvalidState";

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            inner.Log(eventId.Name == CannotDrain ? LogLevel.Debug : logLevel, eventId, state, exception, formatter);
    }
}
