using Npgsql;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Reserves one connection for the health check, so that the check works even if the server is busy. If the server allows no more
/// connections than the requests' pool has, the check borrows one of the pool, so that the requests keep all of theirs.
/// </summary>
internal sealed class PostgresConnection(DatabaseSettings settings, NpgsqlDataSource requests, TimeProvider clock) : IDatabaseConnection, IDisposable
{
    private const int TimeoutSeconds = 2;

    // Only catalog functions, which take no lock and read no table.
    private const string State = "SELECT pg_is_in_recovery(), current_setting('transaction_read_only')";

    // Only a new connection notices changes of the role's settings and password, pg_hba.conf, and the host name's address.
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan YieldTime = TimeSpan.FromMinutes(1);

    // A slow request waits one second for the check. A check that takes longer means an unavailable database.
    private static readonly TimeSpan PoolTimeout = TimeSpan.FromMilliseconds(250);

    private readonly NpgsqlDataSource _own = NamedConnections.To(
        new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            Pooling = false,
            Timeout = TimeoutSeconds,
            CommandTimeout = TimeoutSeconds,
            CancellationTimeout = -1,
            MaxAutoPrepare = 0,
        }.ConnectionString,
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
        NpgsqlConnection own;
        try
        {
            own = _own.OpenConnection();
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.TooManyConnections)
        {
            Yield();
            return !usesPool && PingPool();
        }

        var isReserved = false;
        try
        {
            Query(own);
            if (PostgresLimits.Of(own).Lowest < _poolSize + PostgresLimits.OutsidePool) Yield();
            else isReserved = !Yields && Reserve(new Reserved(own, clock.GetTimestamp()));
            return true;
        }
        finally
        {
            if (!isReserved) own.Dispose();
        }
    }

    public void Reset(Exception exception)
    {
        var state = TransientErrors.StateOf(exception) ?? "";
        if (state == PostgresErrorCodes.TooManyConnections) Yield();
        else if (TransientErrors.IsReadOnly(exception)) ClearPool();
        else if (!state.StartsWith("28", StringComparison.Ordinal) && state != PostgresErrorCodes.InvalidCatalogName) return;
        CloseReserved();
    }

    public void ClearPool() => requests.Clear();

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

    private bool PingReserved()
    {
        if (Interlocked.Exchange(ref _reserved, null) is not { } reserved) return false;
        var isReserved = false;
        try
        {
            if (clock.GetElapsedTime(reserved.OpenedAt) >= Lifetime) return false;
            Query(reserved.Connection);
            isReserved = Reserve(reserved);
            return true;
        }
        catch (NpgsqlException exception) when (TransientErrors.Find<TimeoutException>(exception) is null)
        {
            // Only this connection is lost. A new one shows whether the database is unavailable.
            return false;
        }
        finally
        {
            if (!isReserved) reserved.Connection.Dispose();
        }
    }

    // False if the pool has no connection soon, or returns a broken one. The condition of the database is then unknown.
    private bool PingPool()
    {
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                using var limit = new CancellationTokenSource(PoolTimeout);
                using var connection = requests.OpenConnectionAsync(limit.Token).AsTask().GetAwaiter().GetResult();
                Query(connection);
                return true;
            }
            catch (DatabaseNotWritableException) when (isFirst)
            {
                // The connection may be older than a failover. The next one is new.
                ClearPool();
            }
            catch (Exception exception) when (exception is OperationCanceledException or NpgsqlException)
            {
                return false;
            }
        }
    }

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
