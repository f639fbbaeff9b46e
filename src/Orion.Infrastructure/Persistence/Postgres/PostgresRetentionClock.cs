using Microsoft.Extensions.Logging;
using Npgsql;
using Orion.Application.Retention;
using Orion.Domain;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>Compares the clock of this machine with that of the server.</summary>
internal sealed partial class PostgresRetentionClock(NpgsqlDataSource connections, TimeProvider clock, ILogger<PostgresRetentionClock> logger) : IRetentionClock
{
    private static readonly TimeSpan Noticeable = TimeSpan.FromMinutes(1);

    private bool _isReported;

    public async Task<DateTimeOffset> GetUtcInstant(CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenConnectionAsync(cancellationToken);
        var serverAhead = await connection.ClockAhead(clock, cancellationToken);
        var isNoticeable = serverAhead < -Noticeable;
        if (isNoticeable && !_isReported) LogAhead((long)-serverAhead.TotalSeconds);
        _isReported = isNoticeable;
        return serverAhead < TimeSpan.Zero ? (clock.GetUtcNow() + serverAhead).TruncateToMicroseconds() : clock.GetUtcInstant();
    }

    [LoggerMessage(2016, LogLevel.Warning,
        "The clock of this machine is {Seconds} s ahead of the database server's. Retention uses the earlier time. Synchronize the clocks by NTP.")]
    private partial void LogAhead(long seconds);
}
