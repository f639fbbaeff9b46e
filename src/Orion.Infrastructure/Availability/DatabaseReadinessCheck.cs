using Orion.Infrastructure.Persistence.Migrations;

namespace Orion.Infrastructure.Availability;

/// <summary>The result of opening the database for a command.</summary>
public enum DatabaseReadiness
{
    /// <summary>It is available and migrated. Requests are accepted from now on.</summary>
    Ready,

    /// <summary>It is unavailable, or rejects the credentials.</summary>
    NotReachable,

    /// <summary>It is available and lacks migrations of this version.</summary>
    NotMigrated,
}

/// <summary>
/// Opens the database for a process that runs a single command. Unlike the start of the service, it neither migrates nor waits, because a
/// person is waiting for the command.
/// </summary>
public sealed class DatabaseReadinessCheck
{
    // Applied from outside, because the driver's own timeouts add up. It is longer than the connection timeout.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly IMigrator _migrator;
    private readonly DatabaseHealthMonitor _monitor;
    private readonly DatabaseFailures _failures;

    internal DatabaseReadinessCheck(IMigrator migrator, DatabaseHealthMonitor monitor, DatabaseFailures failures)
    {
        _migrator = migrator;
        _monitor = monitor;
        _failures = failures;
    }

    /// <summary>Why it is not reachable; null if it is.</summary>
    public DatabaseFailure? Failure { get; private set; }

    /// <summary>Explains an exception of the database, without credentials.</summary>
    public DatabaseFailure Explain(Exception exception) => _failures.Explain(exception);

    /// <summary>Explains an exception without contacting the server, for callers without settings.</summary>
    public static DatabaseFailure Describe(Exception exception) => DatabaseFailure.Of(exception);

    /// <summary>Whether an exception means that the database responds and cannot be written.</summary>
    public static bool IsNotWritable(Exception exception) =>
        TransientErrors.IsReadOnly(exception) || TransientErrors.Find<DatabaseNotWritableException>(exception) is not null;

    /// <summary>Opens it.</summary>
    public async Task<DatabaseReadiness> Open(CancellationToken cancellationToken)
    {
        try
        {
            // SQLite's driver does not react to a cancellation.
            var pending = await Task.Run(() => _migrator.Pending(cancellationToken), cancellationToken).WaitAsync(Timeout, cancellationToken);
            if (pending.Count > 0) return DatabaseReadiness.NotMigrated;
        }
        catch (Exception exception) when (TransientErrors.Is(exception))
        {
            Failure = Explain(exception);
            return DatabaseReadiness.NotReachable;
        }

        _monitor.BecomeReady();
        return DatabaseReadiness.Ready;
    }
}
