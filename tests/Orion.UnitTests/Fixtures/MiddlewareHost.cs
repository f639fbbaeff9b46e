using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orion.Api.Errors;
using Orion.Api.SecurityEvents;
using Orion.Infrastructure.Auditing;
using Orion.Infrastructure.Configuration;

namespace Orion.UnitTests.Fixtures;

/// <summary>The services that middleware uses, which record its calls.</summary>
internal sealed class MiddlewareHost : IProblemWriter, IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();

    internal MiddlewareHost(int requests = 3, int userRequests = 5, int seconds = 60)
    {
        RateLimit = new RateLimitSettings(requests, userRequests, TimeSpan.FromSeconds(seconds));
        var metrics = new SecurityEventMetrics(_services.GetRequiredService<IMeterFactory>());
        SecurityEventLog = new SecurityEventLog(Log, metrics, new SecurityEventThrottle(RateLimit, Time));
        Audit = new AuditLog(AuditLines, _services.GetRequiredService<IMeterFactory>());
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == _services.GetRequiredService<IMeterFactory>())
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var name = instrument.Name;
            foreach (var tag in tags)
                name += $"/{tag.Key}={tag.Value}";
            Counted[name] = Counted.GetValueOrDefault(name) + value;
        });
        _listener.Start();
    }

    internal FakeTimeProvider Time { get; } = new();

    internal RateLimitSettings RateLimit { get; }

    internal RecordingLogger<SecurityEventLog> Log { get; } = new();

    internal RecordingLogger<AuditLog> AuditLines { get; } = new();

    internal SecurityEventLog SecurityEventLog { get; }

    internal AuditLog Audit { get; }

    /// <summary>The counters' sums: name, then each tag as <c>/key=value</c>.</summary>
    internal Dictionary<string, long> Counted { get; } = [];

    /// <summary>The last problem that was written.</summary>
    internal Problem? WrittenProblem { get; private set; }

    /// <summary>How many requests reached the next middleware.</summary>
    internal int Passed { get; private set; }

    internal Task Next(HttpContext context)
    {
        Passed++;
        return Task.CompletedTask;
    }

    public Task Write(HttpContext context, Problem problem)
    {
        WrittenProblem = problem;
        context.Response.StatusCode = problem.Status;
        return Task.CompletedTask;
    }

    internal static DefaultHttpContext Request(
        string? from = "192.0.2.1", string method = "GET", params (string Name, string[] Lines)[] headers)
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseFeature>(new StartableResponse());
        context.Request.Method = method;
        context.Request.Scheme = "http";
        context.Connection.RemoteIpAddress = from is null ? null : IPAddress.Parse(from);
        foreach (var (name, lines) in headers)
            context.Request.Headers[name] = lines;
        return context;
    }

    /// <summary>Runs the callbacks that the server runs before the first byte of a response.</summary>
    internal static Task Start(HttpContext context) => ((StartableResponse)context.Features.Get<IHttpResponseFeature>()!).Start();

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    private sealed class StartableResponse : HttpResponseFeature
    {
        private readonly Stack<(Func<object, Task> Callback, object State)> _callbacks = [];

        public override void OnStarting(Func<object, Task> callback, object state) => _callbacks.Push((callback, state));

        internal async Task Start()
        {
            while (_callbacks.TryPop(out var next))
                await next.Callback(next.State);
        }
    }
}
