using Npgsql;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Keeps one connection for the check, so that the server has one for it however busy it is. Where the server has none to spare beside
/// the requests' pool, the pool's own are asked: the check takes nothing from the requests.
/// </summary>
internal sealed class PostgresConnection(DatabaseSettings settings, NpgsqlDataSource requests, TimeProvider clock) : IDatabaseConnection, IDisposable
{
    private const int AnswerWithinSeconds = 2;

    // No lock, no table: catalog functions alone.
    private const string State = "SELECT pg_is_in_recovery(), current_setting('transaction_read_only')";

    // A new one notices what holds for new connections alone: a role's settings and password, pg_hba.conf, where the name leads.
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan YieldsFor = TimeSpan.FromMinutes(1);

    // A slow request waits a second for the check, and takes one that takes longer for a database that is away.
    private static readonly TimeSpan PoolPatience = TimeSpan.FromMilliseconds(250);

    private readonly NpgsqlDataSource _own = NamedConnections.To(
        new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            Pooling = false,
            Timeout = AnswerWithinSeconds,
            CommandTimeout = AnswerWithinSeconds,
            CancellationTimeout = -1,
            MaxAutoPrepare = 0,
        }.ConnectionString,
        NamedConnections.Check);

    private readonly int _poolSize = new NpgsqlConnectionStringBuilder(settings.ConnectionString).MaxPoolSize;

    // Whoever asks takes it out, so that two never ask with one connection.
    private Kept? _kept;
    private long _yieldedAt;
    private volatile bool _yields;
    private volatile bool _isDisposed;

    private bool Yields => _yields && clock.GetElapsedTime(Interlocked.Read(ref _yieldedAt)) < YieldsFor;

    public bool Ping()
    {
        if (AskKept()) return true;
        var isAsked = Yields;
        if (isAsked && AskPool()) return true;
        NpgsqlConnection own;
        try
        {
            own = _own.OpenConnection();
        }
        catch (PostgresException full) when (full.SqlState == PostgresErrorCodes.TooManyConnections)
        {
            Yield();
            return !isAsked && AskPool();
        }

        var isKept = false;
        try
        {
            Ask(own);
            if (PostgresLimits.Of(own).Least < _poolSize + PostgresLimits.BesidePool) Yield();
            else isKept = !Yields && Keep(new Kept(own, clock.GetTimestamp()));
            return true;
        }
        finally
        {
            if (!isKept) own.Dispose();
        }
    }

    public void Renew(Exception loss)
    {
        var state = TransientErrors.StateOf(loss) ?? "";
        if (state == PostgresErrorCodes.TooManyConnections) Yield();
        else if (TransientErrors.IsReadOnly(loss)) ClearPool();
        else if (!state.StartsWith("28", StringComparison.Ordinal) && state != PostgresErrorCodes.InvalidCatalogName) return;
        LetGo();
    }

    public void ClearPool() => requests.Clear();

    public void Dispose()
    {
        _isDisposed = true;
        LetGo();
        _own.Dispose();
    }

    private void Yield()
    {
        Interlocked.Exchange(ref _yieldedAt, clock.GetTimestamp());
        _yields = true;
    }

    private void LetGo() => Interlocked.Exchange(ref _kept, null)?.Connection.Dispose();

    private bool Keep(Kept kept)
    {
        if (Interlocked.CompareExchange(ref _kept, kept, null) is not null) return false;
        if (_isDisposed) LetGo();
        return true;
    }

    private bool AskKept()
    {
        if (Interlocked.Exchange(ref _kept, null) is not { } kept) return false;
        var isKept = false;
        try
        {
            if (clock.GetElapsedTime(kept.OpenedAt) >= KeptFor) return false;
            Ask(kept.Connection);
            isKept = Keep(kept);
            return true;
        }
        catch (NpgsqlException lost) when (TransientErrors.Find<TimeoutException>(lost) is null)
        {
            // This one connection was lost: a new one tells whether it is the database.
            return false;
        }
        finally
        {
            if (!isKept) kept.Connection.Dispose();
        }
    }

    // False where the pool gives no connection soon, or one that is lost: that says nothing about the database.
    private bool AskPool()
    {
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                using var limit = new CancellationTokenSource(PoolPatience);
                using var connection = requests.OpenConnectionAsync(limit.Token).AsTask().GetAwaiter().GetResult();
                Ask(connection);
                return true;
            }
            catch (DatabaseNotWritableException) when (isFirst)
            {
                // It may be a connection of before; the next one is new.
                ClearPool();
            }
            catch (Exception lost) when (lost is OperationCanceledException or NpgsqlException)
            {
                return false;
            }
        }
    }

    private static void Ask(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(State, connection) { CommandTimeout = AnswerWithinSeconds };
        using var row = command.ExecuteReader();
        row.Read();
        if (row.GetBoolean(0)) throw NotWritable("it is a standby");
        if (row.GetString(1) == "on") throw NotWritable("its transactions may only read");
    }

    private static DatabaseNotWritableException NotWritable(string why)
    {
        var (what, fix) = DatabaseFailure.ReadOnly(why);
        return new DatabaseNotWritableException(what, fix);
    }

    /// <summary>The connection between two checks.</summary>
    private sealed record Kept(NpgsqlConnection Connection, long OpenedAt);
}
