using Orion.Infrastructure.Persistence.Migrations;

namespace Orion.Infrastructure.Persistence.Availability;

/// <summary>What came of opening the database for a command.</summary>
public enum Opening
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
public sealed class DatabaseOpening
{
    // Bounded from outside, as the driver's own limits add up; longer than connecting may take, and than a busy machine needs to begin.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly IMigrator _migrator;
    private readonly DatabaseWatch _watch;
    private readonly DatabaseFailures _failures;

    internal DatabaseOpening(IMigrator migrator, DatabaseWatch watch, DatabaseFailures failures)
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
        DatabaseLoss.IsReadOnly(exception) || DatabaseLoss.Find<DatabaseNotWritableException>(exception) is not null;

    /// <summary>Opens it.</summary>
    public async Task<Opening> Open(CancellationToken cancellationToken)
    {
        try
        {
            // On SQLite nothing in the driver gives way by itself.
            var pending = await Task.Run(() => _migrator.Pending(cancellationToken), cancellationToken).WaitAsync(Patience, cancellationToken);
            if (pending.Count > 0) return Opening.NotMigrated;
        }
        catch (Exception exception) when (DatabaseLoss.Is(exception))
        {
            Failure = Explain(exception);
            return Opening.NotReachable;
        }

        _watch.BecomeReady();
        return Opening.Ready;
    }
}
