using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Data.Sqlite;
using Npgsql;
using SQLitePCL;

namespace Orion.Infrastructure.Availability;

/// <summary>An exception of the database, explained to an operator. It never contains credentials or data of rows.</summary>
/// <param name="What">What is wrong.</param>
/// <param name="Fix">What to do about it; empty if nothing more is known.</param>
public sealed record DatabaseFailure(string What, string Fix)
{
    private const string Pooler =
        "Set DB_PREPARED_STATEMENTS=false: a pooler in transaction mode (PgBouncer before 1.21) may run each transaction on another connection.";

    // Classes of SQLSTATE whose messages never quote values of a row.
    private static readonly string[] SafeClasses = ["08", "28", "3D", "3F", "42", "53", "54", "55", "57", "58"];

    private const string Settings = "Check DATABASE_URL (or DB_HOST and the other DB_ settings) and MIGRATION_DATABASE_URL.";

    /// <summary>The explanation and the fix on one line.</summary>
    public override string ToString() => Fix.Length == 0 ? $"{What}." : $"{What}. {Fix}";

    internal static DatabaseFailure Of(Exception exception)
    {
        if (TransientErrors.Find<DatabaseNotWritableException>(exception) is { } readOnly) return new(readOnly.Message, readOnly.Fix);
        if (TransientErrors.Find<PostgresException>(exception) is { } postgres) return Of(postgres);
        if (TransientErrors.Find<SqliteException>(exception) is { } sqlite) return Of(sqlite);
        if (TransientErrors.Find<SocketException>(exception) is { } socket) return Of(socket);
        var npgsql = TransientErrors.Find<NpgsqlException>(exception)?.Message ?? "";
        if (npgsql.StartsWith("The connection pool has been exhausted", StringComparison.Ordinal))
            return new("All connections of the pool are in use", "Look for slow statements in pg_stat_activity, or increase DB_POOL_SIZE.");
        if (npgsql == TransientErrors.NoServer)
        {
            return new(
                "No server of the cluster can be written",
                "Look at the state of the cluster (patronictl list). Each server is a standby, read-only or unavailable.");
        }

        if (TransientErrors.Find<AuthenticationException>(exception) is not null)
            return new("TLS with the server failed, most often because of its certificate", "Run orion doctor to find out what is wrong with it.");
        if (TransientErrors.Find<TimeoutException>(exception) is not null)
            return new("It did not respond in time", "Check the address, the network, and whether the server is running and not overloaded.");
        if (npgsql.StartsWith("SSL connection", StringComparison.Ordinal))
            return new("The server does not support TLS", "Turn TLS on at the server (ssl = on), or set sslmode=disable if the network is private.");
        return new(SingleLine(exception.GetBaseException().Message), "");
    }

    private static DatabaseFailure Of(PostgresException postgres)
    {
        var message = $"{SingleLine(postgres.MessageText)} (SQLSTATE {postgres.SqlState})";
        return postgres.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                new($"The server rejects the login: {message}", $"{Settings} Logins depend on the role, its password and the server's pg_hba.conf."),
            PostgresErrorCodes.InvalidCatalogName => new($"The server has no such database: {message}", Settings),
            PostgresErrorCodes.TooManyConnections => new(
                $"The server has no connection left for this role: {message}",
                "Decrease DB_POOL_SIZE, or increase the server's max_connections or the limit of the role or database."),
            PostgresErrorCodes.DiskFull => new($"The server's disk is full: {message}", "Free some space on it."),
            PostgresErrorCodes.ReadOnlySqlTransaction => ReadOnly(message),
            PostgresErrorCodes.QueryCanceled => new(
                $"The server ended a statement: {message}",
                "If statement_timeout is set for the role or the database, increase it: ALTER ROLE … SET statement_timeout."),
            TransientErrors.IdleInTransactionTimeout or TransientErrors.TransactionTimeout => new(
                $"The server ended a transaction: {message}", "Increase idle_in_transaction_session_timeout and transaction_timeout for the role."),
            PostgresErrorCodes.LockNotAvailable => new(
                $"Another transaction held a lock for too long: {message}",
                "Look for long transactions in pg_stat_activity, for example a running backup (pg_dump). Try again when they have ended."),
            PostgresErrorCodes.InsufficientPrivilege => new(
                $"The role lacks a privilege: {message}",
                "Run orion migrate with the role that owns the tables in MIGRATION_DATABASE_URL: it grants what the service's role needs."),
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn => new(
                $"This database lacks a table or column of Orion: {message}", $"Run orion migrate. {Settings}"),
            PostgresErrorCodes.DuplicatePreparedStatement or PostgresErrorCodes.InvalidSqlStatementName =>
                new($"A prepared statement was created on another connection: {message}", Pooler),
            PostgresErrorCodes.CannotConnectNow => new($"The server is starting or stopping: {message}", "Wait until it has finished."),
            _ when postgres.SqlState.StartsWith("57P", StringComparison.Ordinal) => new($"The server ended the connection: {message}", ""),
            // Messages of other classes may quote values of a row.
            _ when !SafeClasses.Any(state => postgres.SqlState.StartsWith(state, StringComparison.Ordinal)) =>
                new($"The server rejects a statement (SQLSTATE {postgres.SqlState})", ""),
            _ => new(message, ""),
        };
    }

    internal static DatabaseFailure ReadOnly(string message) => new(
        $"The database is read-only: {message}",
        "Set DATABASE_URL to the primary. If it already refers to the primary, check default_transaction_read_only of the role, the database and the server.");

    // SQLite's messages contain no values of rows.
    private static DatabaseFailure Of(SqliteException sqlite) => new(
        SingleLine(sqlite.Message),
        sqlite.SqliteErrorCode switch
        {
            raw.SQLITE_READONLY => "Give the account that Orion runs as write access to the file and its folder, and mount the disk for writing.",
            raw.SQLITE_FULL => "Free some space on the disk.",
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "Another process has locked the file: stop it, or wait until it has finished.",
            raw.SQLITE_CANTOPEN => "Check that the file and its folder exist and belong to this account.",
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => "Restore a backup (docs/operations.md), or check that the path names the right file.",
            _ => "",
        });

    private static DatabaseFailure Of(SocketException socket) => new(
        SingleLine(socket.Message),
        socket.SocketErrorCode is SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData
            ? "The host name cannot be resolved: correct it, or check the name servers of this machine."
            : "Check the host, the port and the network, and whether the server is running.");

    private static string SingleLine(string text) => text.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}
