using Orion.Infrastructure.Persistence.Migrations;

namespace Orion.Infrastructure.Availability;

/// <summary>What came of opening the database for a command.</summary>
public enum DatabaseReadiness
{
    /// <summary>It answers and is migrated: requests are let through from now on.</summary>
    Ready,

    /// <summary>It does not answer, or not to these credentials.</summary>
    NotReachable,

    /// <summary>It answers and lacks migrations of this version.</summary>
    NotMigrated,
}

/// <summary>
/// Opens the database for a process that runs one command and ends: unlike the service's start it neither migrates nor waits, because
/// somebody sits in front of it.
/// </summary>
public sealed class DatabaseReadinessCheck
{
    // Bounded from outside, as the driver's own limits add up; longer than connecting may take, and than a busy machine needs to begin.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly IMigrator _migrator;
    private readonly DatabaseHealthMonitor _watch;
    private readonly DatabaseFailures _failures;

    internal DatabaseReadinessCheck(IMigrator migrator, DatabaseHealthMonitor watch, DatabaseFailures failures)
    {
        _migrator = migrator;
        _watch = watch;
        _failures = failures;
    }

    /// <summary>Why it is not reachable; null where it is.</summary>
    public DatabaseFailure? Failure { get; private set; }

    /// <summary>What an exception of the database means; there are no credentials in it.</summary>
    public DatabaseFailure Explain(Exception exception) => _failures.Explain(exception);

    /// <summary>The same without a look at the server; whoever knows the settings asks <see cref="Explain"/>.</summary>
    public static DatabaseFailure Describe(Exception exception) => DatabaseFailure.Of(exception);

    /// <summary>Whether an exception means that the database answers and cannot be written.</summary>
    public static bool IsNotWritable(Exception exception) =>
        TransientErrors.IsReadOnly(exception) || TransientErrors.Find<DatabaseNotWritableException>(exception) is not null;

    /// <summary>Opens it.</summary>
    public async Task<DatabaseReadiness> Open(CancellationToken cancellationToken)
    {
        try
        {
            // On SQLite nothing in the driver gives way by itself.
            var pending = await Task.Run(() => _migrator.Pending(cancellationToken), cancellationToken).WaitAsync(Timeout, cancellationToken);
            if (pending.Count > 0) return DatabaseReadiness.NotMigrated;
        }
        catch (Exception exception) when (TransientErrors.Is(exception))
        {
            Failure = Explain(exception);
            return DatabaseReadiness.NotReachable;
        }

        _watch.BecomeReady();
        return DatabaseReadiness.Ready;
    }
}
