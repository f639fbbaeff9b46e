using System.Runtime.ExceptionServices;
using Npgsql;
using Orion.Application.Concurrency;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Reserves one connection for the health check, so that the check works even if the server is busy. If the server allows no more
/// connections than the requests' pool has, the check borrows one of the pool, so that the requests keep all of theirs.
/// </summary>
internal sealed class PostgresConnection(DatabaseSettings settings, ClusterConnections requests, TimeProvider clock) : IDatabaseConnection, IDisposable
{
    private const int TimeoutSeconds = 2;

    // Only catalog functions, which take no lock and read no table.
    private const string State = "SELECT pg_is_in_recovery(), current_setting('transaction_read_only')";

    // Only a new connection notices changes of the role's settings and password, pg_hba.conf, and the host name's address.
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan YieldTime = TimeSpan.FromMinutes(1);

    // A slow request waits one second for the check. A check that takes longer means an unavailable database.
    private static readonly TimeSpan PoolTimeout = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan PoolPause = TimeSpan.FromMilliseconds(10);

    private readonly ClusterConnections _own = new(
        new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            Pooling = false,
            // For each server. A server that does not respond must leave time for the next one.
            Timeout = HasOneServer(settings) ? TimeoutSeconds : TimeoutSeconds / 2,
            CommandTimeout = TimeoutSeconds,
            // With -1, which is no wait, Npgsql does not remember that a server does not respond.
            CancellationTimeout = HasOneServer(settings) ? -1 : 1,
            MaxAutoPrepare = 0,
        },
        NamedConnections.Check);

    private readonly int _poolSize = new NpgsqlConnectionStringBuilder(settings.ConnectionString).MaxPoolSize;

    // A check removes it while it uses it, so that two checks never share a connection.
    private Reserved? _reserved;
    private long _yieldedAt;
    private volatile bool _yields;
    private volatile bool _isDisposed;

    private bool Yields => _yields && clock.GetElapsedTime(Interlocked.Read(ref _yieldedAt)) < YieldTime;

    public bool Ping()
    {
        if (PingReserved()) return true;
        var usesPool = Yields;
        if (usesPool && PingPool()) return true;
        try
        {
            return PingNew();
        }
        catch (NpgsqlException exception) when (TransientErrors.StateOf(exception) == PostgresErrorCodes.TooManyConnections)
        {
            Yield();
            return !usesPool && PingPool();
        }
    }

    public void Reset(Exception exception)
    {
        if (Retries.IsConnectionLoss(exception)) requests.ForgetServers();
        var state = TransientErrors.StateOf(exception) ?? "";
        if (state == PostgresErrorCodes.TooManyConnections) Yield();
        else if (TransientErrors.IsReadOnly(exception)) ClearPool();
        else if (!state.StartsWith("28", StringComparison.Ordinal) && state != PostgresErrorCodes.InvalidCatalogName) return;
        CloseReserved();
    }

    public void ClearPool()
    {
        requests.Source.Clear();
        requests.ForgetServers();
    }

    public void Dispose()
    {
        _isDisposed = true;
        CloseReserved();
        _own.Dispose();
    }

    private void Yield()
    {
        Interlocked.Exchange(ref _yieldedAt, clock.GetTimestamp());
        _yields = true;
    }

    private void CloseReserved() => Interlocked.Exchange(ref _reserved, null)?.Connection.Dispose();

    private bool Reserve(Reserved reserved)
    {
        if (Interlocked.CompareExchange(ref _reserved, reserved, null) is not null) return false;
        if (_isDisposed) CloseReserved();
        return true;
    }

    private bool PingNew()
    {
        NpgsqlConnection? own = null;
        var isReserved = false;
        try
        {
            own = _own.Source.OpenConnection();
            Query(own);
            if (PostgresLimits.Of(own).Lowest < _poolSize + PostgresLimits.OutsidePool) Yield();
            else isReserved = !Yields && Reserve(new Reserved(own, clock.GetTimestamp()));
            return true;
        }
        catch
        {
            _own.ForgetServers();
            throw;
        }
        finally
        {
            if (!isReserved) own?.Dispose();
        }
    }

    private bool PingReserved()
    {
        if (Interlocked.Exchange(ref _reserved, null) is not { } reserved) return false;
        var isReserved = false;
        try
        {
            // Also before it is replaced: if it was dropped without notice, the pool's connections may have been, too.
            Query(reserved.Connection);
            if (clock.GetElapsedTime(reserved.OpenedAt) >= Lifetime) return false;
            isReserved = Reserve(reserved);
            return true;
        }
        catch (Exception exception)
        {
            _own.ForgetServers();
            if (exception is not NpgsqlException || TransientErrors.Find<TimeoutException>(exception) is not null) throw;
            // Only this connection is lost. A new one shows whether the database is unavailable.
            return false;
        }
        finally
        {
            if (!isReserved) reserved.Connection.Dispose();
        }
    }

    // False if all connections of the pool are in use for a while, or it returns a broken one. The condition of the database is then unknown.
    private bool PingPool()
    {
        using var limit = new CancellationTokenSource(PoolTimeout);
        ExceptionDispatchInfo? full = null;
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                using var connection = requests.Source.OpenConnectionAsync(limit.Token).AsTask().GetAwaiter().GetResult();
                Query(connection);
                return true;
            }
            catch (DatabaseNotWritableException) when (isFirst)
            {
                // The connection may be older than a failover. The next one is new.
                ClearPool();
            }
            catch (NpgsqlException exception) when (isFirst && exception.Message == TransientErrors.NoServer)
            {
                // Why a request could not connect is unknown.
                requests.ForgetServers();
            }
            catch (NpgsqlException exception) when (TransientErrors.StateOf(exception) == PostgresErrorCodes.TooManyConnections)
            {
                // No request can get a connection either, unless one that is in use becomes free.
                full = ExceptionDispatchInfo.Capture(exception);
                clock.Delay(PoolPause, CancellationToken.None).GetAwaiter().GetResult();
                requests.ForgetServers();
            }
            catch (Exception exception) when (exception is OperationCanceledException or NpgsqlException)
            {
                full?.Throw();
                return false;
            }
        }
    }

    private static bool HasOneServer(DatabaseSettings settings) =>
        PostgresTarget.HostsOf(new NpgsqlConnectionStringBuilder(settings.ConnectionString)).Count == 1;

    private static void Query(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(State, connection) { CommandTimeout = TimeoutSeconds };
        using var row = command.ExecuteReader();
        row.Read();
        if (NotWritable(row.GetBoolean(0), row.GetString(1)) is { } failure) throw new DatabaseNotWritableException(failure.What, failure.Fix);
    }

    /// <summary>Why the database cannot be written; null if it can.</summary>
    /// <param name="isInRecovery"><c>pg_is_in_recovery()</c>.</param>
    /// <param name="transactionReadOnly">The setting <c>transaction_read_only</c>.</param>
    internal static DatabaseFailure? NotWritable(bool isInRecovery, string transactionReadOnly) =>
        isInRecovery ? DatabaseFailure.ReadOnly("it is a standby")
        : transactionReadOnly == "on" ? DatabaseFailure.ReadOnly("its transactions are read-only")
        : null;

    /// <summary>The connection between two checks.</summary>
    private sealed record Reserved(NpgsqlConnection Connection, long OpenedAt);
}
