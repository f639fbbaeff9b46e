using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>When a host loses its database connection.</summary>
public enum Crash
{
    Never,
    BeforeCommit,
    AfterCommit,
}

/// <summary>A server that loses the outcome of its transactions, as if its host had crashed or its connection had broken.</summary>
internal sealed class CrashingOrion : IAsyncDisposable
{
    private readonly Commits? _commits;
    private readonly PostgresProxy? _proxy;

    private CrashingOrion(OrionServer server, Commits? commits, PostgresProxy? proxy) => (Server, _commits, _proxy) = (server, commits, proxy);

    public OrionServer Server { get; }

    public static async Task<CrashingOrion> Start(TestDatabase database)
    {
        if (database is PostgresDatabase postgres)
        {
            var proxy = PostgresProxy.Start(postgres);
            // A prepared COMMIT has a name instead of its text. BEGIN contains READ COMMITTED.
            return new(await OrionServer.Start(database, ("DATABASE_URL", proxy.Url), ("DB_PREPARED_STATEMENTS", "false")), null, proxy);
        }

        var commits = new Commits();
        return new(await OrionServer.Start(database, Interception.With(commits)), commits, null);
    }

    /// <summary>From now on, all transactions lose their outcome.</summary>
    public void Lose(Crash when)
    {
        var atCommit = when == Crash.BeforeCommit ? Relay.Cut : Relay.ForwardAndCut;
        if (_commits is not null) _commits.Next = when;
        else _proxy!.OnSent = text => text.Contains("COMMIT\0", StringComparison.Ordinal) ? atCommit : Relay.Forward;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        if (_proxy is not null) await _proxy.DisposeAsync();
    }

    private sealed class Commits : DbTransactionInterceptor
    {
        public Crash Next { get; set; }

        public override ValueTask<InterceptionResult> TransactionCommittingAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
            Next == Crash.BeforeCommit ? throw new IOException("Lost.") : base.TransactionCommittingAsync(transaction, eventData, result, cancellationToken);

        public override Task TransactionCommittedAsync(
            DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default) =>
            Next == Crash.AfterCommit ? throw new IOException("Lost.") : base.TransactionCommittedAsync(transaction, eventData, cancellationToken);
    }
}
