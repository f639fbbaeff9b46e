using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Orion.Api.Http;
using Orion.Api.Sessions;
using Orion.Application;
using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Application.Users;
using Orion.Domain.Sessions;
using Orion.Domain.Users;
using Orion.Infrastructure;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Persistence.Migrations;

namespace Orion.Benchmarks;

/// <summary>A list of 20 sessions, from the pipeline's entrance down to the database and out again as JSON.</summary>
[MemoryDiagnoser]
public class Lists
{
    private const int Length = 20;
    private static readonly SessionList Newest = new(SessionSort.UpdatedAt, SortOrder.Descending, ArchivedFilter.Exclude, null, null);

    private readonly string _folder = Directory.CreateTempSubdirectory("orion-benchmark-").FullName;
    private ServiceProvider _services = null!;
    private IDispatcher _dispatcher = null!;
    private AuthenticateCaller _whoIsIt = null!;
    private Caller _caller = null!;
    private SessionsResponse _answer = null!;

    [GlobalSetup]
    public async Task Fill()
    {
        _services = new ServiceCollection().AddLogging().AddMetrics().AddOrionApplication().AddOrionInfrastructure(Settings()).BuildServiceProvider();
        await _services.GetRequiredService<IMigrator>().Migrate(Console.WriteLine, CancellationToken.None);
        await _services.GetRequiredService<DatabaseReadinessCheck>().Open(CancellationToken.None);
        _dispatcher = _services.GetRequiredService<IDispatcher>();
        if (!EmailAddress.TryParse("owner@example.com", out var owner)) throw new InvalidOperationException();
        await _dispatcher.Send(new SyncConfiguredOwner(owner), CancellationToken.None);

        _whoIsIt = new AuthenticateCaller(owner, TimeProvider.System.GetUtcNow(), Session: null);
        _caller = (await _dispatcher.Send(_whoIsIt, CancellationToken.None)).Value;
        for (var n = 0; n < Length; n++)
        {
            var command = new CreateSession(_caller, SessionTitle.Parse($"Chat {n}"), MessageContent.Parse($"How do I {n}?"), Metadata.Parse("""{"model":"a"}"""));
            if ((await _dispatcher.Send(command, CancellationToken.None)).Error is { } error) throw new InvalidOperationException(error.Code);
        }

        _answer = new SessionsResponse((await Pipeline()).Sessions, Length, null, null);
    }

    [GlobalCleanup]
    public async Task CleanUp()
    {
        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Identifies a caller with a cached authorization: a request through the pipeline without the database.</summary>
    [Benchmark]
    public Task Recognition() => _dispatcher.Send(_whoIsIt, CancellationToken.None);

    /// <summary>The list from the database.</summary>
    [Benchmark(Baseline = true)]
    public async Task<object> Reading()
    {
        await using var scope = _services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ISessions>().List(Newest, new(Length, After: null), _caller, CancellationToken.None);
    }

    /// <summary>The same as a query.</summary>
    [Benchmark]
    public async Task<SessionPage> Pipeline() =>
        (await _dispatcher.Send(new ListSessions(_caller, Newest, Length, Cursor: null), CancellationToken.None)).Value;

    /// <summary>The list as JSON.</summary>
    [Benchmark]
    public byte[] Writing() => JsonSerializer.SerializeToUtf8Bytes(_answer, OrionJson.Responses.SessionsResponse);

    private OrionSettings Settings()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["DATABASE_URL"] = Environment.GetEnvironmentVariable("ORION_BENCHMARK_DATABASE") ?? "sqlite:orion.db",
            ["ORION_DATA_DIR"] = Path.Combine(_folder, "data"),
        }).Build();
        var reading = SettingsReader.Read(configuration, "Development", _folder);
        return reading.Settings ?? throw new InvalidOperationException(string.Join('\n', reading.Problems));
    }
}
