using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Data.Sqlite;
using Npgsql;
using SQLitePCL;

namespace Orion.Infrastructure.Availability;

/// <summary>
/// What an exception of the database means to an operator: the one place where it becomes a sentence. Nothing in it is a credential
/// or a row.
/// </summary>
/// <param name="What">What is wrong.</param>
/// <param name="Fix">What to do about it; empty where the sentence before says all that is known.</param>
public sealed record DatabaseFailure(string What, string Fix)
{
    private const string Pooler =
        "Set DB_PREPARED_STATEMENTS=false: a pooler in transaction mode (PgBouncer before 1.21) gives each transaction another connection.";

    private static readonly string[] Harmless = ["08", "28", "3D", "3F", "42", "53", "54", "55", "57", "58"];

    private const string Settings = "Look at DATABASE_URL (or DB_HOST and its companions) and MIGRATION_DATABASE_URL.";

    /// <summary>Both as one line.</summary>
    public override string ToString() => Fix.Length == 0 ? $"{What}." : $"{What}. {Fix}";

    internal static DatabaseFailure Of(Exception exception)
    {
        if (TransientErrors.Find<DatabaseNotWritableException>(exception) is { } readOnly) return new(readOnly.Message, readOnly.Fix);
        if (TransientErrors.Find<PostgresException>(exception) is { } postgres) return Of(postgres);
        if (TransientErrors.Find<SqliteException>(exception) is { } sqlite) return Of(sqlite);
        if (TransientErrors.Find<SocketException>(exception) is { } socket) return Of(socket);
        var npgsql = TransientErrors.Find<NpgsqlException>(exception)?.Message ?? "";
        if (npgsql.StartsWith("The connection pool has been exhausted", StringComparison.Ordinal))
            return new("All connections of the pool are in use", "Look for slow statements in pg_stat_activity, or raise DB_POOL_SIZE.");
        if (TransientErrors.Find<AuthenticationException>(exception) is not null)
            return new("TLS with the server failed, most often because of its certificate", "orion doctor says what is wrong with it.");
        if (TransientErrors.Find<TimeoutException>(exception) is not null)
            return new("It did not answer in time", "Look at the address, the network between, and whether the server runs and is not overloaded.");
        if (npgsql.StartsWith("SSL connection", StringComparison.Ordinal))
            return new("The server does not speak TLS", "Switch TLS on at the server (ssl = on), or write sslmode=disable where the network between is yours alone.");
        return new(Line(exception.GetBaseException().Message), "");
    }

    private static DatabaseFailure Of(PostgresException postgres)
    {
        var said = $"{Line(postgres.MessageText)} (SQLSTATE {postgres.SqlState})";
        return postgres.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                new($"The server refuses the login: {said}", $"{Settings} The role, its password and the server's pg_hba.conf decide."),
            PostgresErrorCodes.InvalidCatalogName => new($"The server has no such database: {said}", Settings),
            PostgresErrorCodes.TooManyConnections => new(
                $"The server has no connection left for this role: {said}",
                "Lower DB_POOL_SIZE, or raise the server's max_connections or the limit of the role or database."),
            PostgresErrorCodes.DiskFull => new($"The server's disk is full: {said}", "Make room on it."),
            PostgresErrorCodes.ReadOnlySqlTransaction => ReadOnly(said),
            PostgresErrorCodes.QueryCanceled => new(
                $"The server ended a statement: {said}",
                "Where statement_timeout is set for the role or the database, raise it: ALTER ROLE … SET statement_timeout."),
            "25P03" or "25P04" => new(
                $"The server ended a transaction: {said}", "Raise idle_in_transaction_session_timeout and transaction_timeout for the role."),
            PostgresErrorCodes.LockNotAvailable => new(
                $"Another transaction held a lock for too long: {said}",
                "Look for long transactions in pg_stat_activity; a running backup (pg_dump) is one. Try again when it is over."),
            PostgresErrorCodes.InsufficientPrivilege => new(
                $"The role lacks a right: {said}",
                "Run orion migrate with MIGRATION_DATABASE_URL naming the role that owns the tables: it grants what the service's role needs."),
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn => new(
                $"Something of Orion's is not in this database: {said}", $"Run orion migrate. {Settings}"),
            PostgresErrorCodes.DuplicatePreparedStatement or PostgresErrorCodes.InvalidSqlStatementName =>
                new($"Prepared statements are mixed up: {said}", Pooler),
            PostgresErrorCodes.CannotConnectNow => new($"The server is starting or stopping: {said}", "Wait until it has."),
            _ when postgres.SqlState.StartsWith("57P", StringComparison.Ordinal) => new($"The server ended the connection: {said}", ""),
            // The words of other classes may quote a row's values.
            _ when !Harmless.Any(state => postgres.SqlState.StartsWith(state, StringComparison.Ordinal)) =>
                new($"The server refuses a statement (SQLSTATE {postgres.SqlState})", ""),
            _ => new(said, ""),
        };
    }

    internal static DatabaseFailure ReadOnly(string said) => new(
        $"The database is read-only: {said}",
        "Lead DATABASE_URL to the primary. Where it is, look at default_transaction_read_only of the role, the database and the server.");

    // SQLite's sentences hold no values.
    private static DatabaseFailure Of(SqliteException sqlite) => new(
        Line(sqlite.Message),
        sqlite.SqliteErrorCode switch
        {
            raw.SQLITE_READONLY => "Let the account that Orion runs as write the file and its folder, and mount the disk for writing.",
            raw.SQLITE_FULL => "Make room on the disk.",
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "Another process holds the file: end it, or wait until it is done.",
            raw.SQLITE_CANTOPEN => "Look at the file and its folder: whether they are there, and this account's.",
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => "Restore a backup (docs/operations.md), or look whether the path names the right file.",
            _ => "",
        });

    private static DatabaseFailure Of(SocketException socket) => new(
        Line(socket.Message),
        socket.SocketErrorCode is SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData
            ? "The host's name is not known here: correct it, or the name servers of this machine."
            : "Look at host and port, the network between, and whether the server runs.");

    private static string Line(string text) => text.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}
