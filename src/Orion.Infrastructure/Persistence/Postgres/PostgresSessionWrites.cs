using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Orion.Application.Messaging;
using Orion.Domain.Sessions;
using Orion.Domain.Users;
using static Orion.Infrastructure.Persistence.Postgres.PostgresParameters;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>
/// Writes without EF Core's change tracker, in one batch (docs/adr/0016-sessions-are-written-past-ef-core.md). Outside of an explicit
/// transaction, a batch is one implicit transaction. Otherwise it is part of the transaction of the EF Core context, and can commit it.
/// </summary>
internal sealed class PostgresSessionWrites(NpgsqlDataSource connections, Lazy<OrionDbContext> context, SessionWriteQueue queue) : ISessionWrites
{
    private const string LockOne = $"SELECT {PostgresSessionRow.Columns} FROM sessions WHERE owner_id = $1 AND id = $2 FOR UPDATE";

    // One by one: with "id = ANY", PostgreSQL reads all rows of an owner if it believes that they are few.
    private const string LockEach = $"""
        SELECT s.* FROM (SELECT DISTINCT id FROM unnest($2) AS ids (id) ORDER BY id) AS wanted
        CROSS JOIN LATERAL (SELECT {PostgresSessionRow.Columns} FROM sessions WHERE owner_id = $1 AND id = wanted.id FOR UPDATE) AS s
        """;

    private const string InsertMessage = """
        INSERT INTO messages (owner_id, session_id, sequence, id, role, content, metadata, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """;

    private const string CopyMessages = """
        INSERT INTO messages (owner_id, session_id, sequence, id, role, content, metadata, created_at)
        SELECT owner_id, $3, sequence, $4[sequence], role, content, metadata, created_at
        FROM messages WHERE owner_id = $1 AND session_id = $2 AND sequence <= cardinality($4) ORDER BY sequence
        """;

    private const string CompleteRecord = """
        UPDATE idempotency_keys SET session_id = $5, answer = $6 WHERE owner_id = $1 AND method = $2 AND path = $3 AND key = $4
        """;

    private readonly Dictionary<(UserId, SessionId), (Session Session, PostgresSessionRow.MutableColumns Stored)> _locked = [];
    private readonly List<RowChange> _changes = [];

    public async Task<Session?> Lock(UserId owner, SessionId id, CancellationToken cancellationToken)
    {
        // Not within a transaction, because the command would hold a connection that the first command in the queue may need.
        if (context.Value.Database.CurrentTransaction is null) await queue.Enter(owner, id, cancellationToken);
        return (await Read(owner, LockOne, new NpgsqlParameter<Guid> { TypedValue = id.Value }, cancellationToken)).SingleOrDefault();
    }

    public Task<IReadOnlyList<Session>> LockAll(UserId owner, IReadOnlyList<SessionId> ids, CancellationToken cancellationToken) =>
        Read(owner, LockEach, new NpgsqlParameter<Guid[]> { TypedValue = [.. ids.Select(id => id.Value)] }, cancellationToken);

    public void Add(Session session) => _changes.Add(new RowChange(session, EntityState.Added, SetsTitle: true));

    public void Add(Message message) => _changes.Add(new RowChange(message, EntityState.Added));

    public Task Add(MessageCopies copies, CancellationToken cancellationToken)
    {
        if (copies.Ids.Count > 0) _changes.Add(new RowChange(copies, EntityState.Added));
        return Task.CompletedTask;
    }

    public void Remove(Session session)
    {
        _locked.Remove((session.OwnerId, session.Id));
        _changes.Add(new RowChange(session, EntityState.Deleted));
    }

    public void Complete(IdempotencyRecord record) => _changes.Add(new RowChange(record, EntityState.Modified));

    /// <summary>The changes of the command, in the order of their statements.</summary>
    internal IReadOnlyList<RowChange> Changes() => _locked.Count == 0 ? _changes : [.. _changes, .. Modified()];

    /// <summary>Sends changes in one round trip.</summary>
    /// <param name="changes">The changes. They are sent once.</param>
    /// <param name="checkedCaller">The caller whose token is checked after the writes; null for no check.</param>
    /// <param name="commits">Whether to commit the transaction, if there is one.</param>
    /// <param name="cancellationToken">Cancels the statements.</param>
    /// <exception cref="InvalidOperationException">A row was not written.</exception>
    internal async Task Send(IReadOnlyList<RowChange> changes, Caller? checkedCaller, bool commits, CancellationToken cancellationToken)
    {
        var transaction = context.IsValueCreated ? context.Value.Database.CurrentTransaction : null;
        await using var batch = transaction is null
            ? connections.CreateBatch()
            : new NpgsqlBatch(Connection, (NpgsqlTransaction)transaction.GetDbTransaction());
        foreach (var change in changes) batch.BatchCommands.Add(Statement(change));
        var texts = SearchText.Of(changes);
        foreach (var text in texts) batch.BatchCommands.Add(PostgresSearchRow.Write(text));
        foreach (var copies in changes.Select(change => change.Row).OfType<MessageCopies>()) batch.BatchCommands.Add(PostgresSearchRow.Copy(copies));
        if (CallerCheck.Of(checkedCaller) is { } check) batch.BatchCommands.Add(check);
        // The server skips it if a statement before it fails. The driver learns from the server that the transaction has ended.
        if (commits && transaction is not null) batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        // Each statement writes one row, or all copies of messages, unless a trigger skips it or a pooler mixes up prepared statements.
        var rows = await batch.ExecuteNonQueryAsync(cancellationToken);
        var expected = changes.Sum(change => change.Row is MessageCopies copies ? copies.Ids.Count + 1 : 1) + texts.Count;
        if (rows != expected) throw new InvalidOperationException($"{rows} rows were written instead of {expected}.");
    }

    private NpgsqlConnection Connection => (NpgsqlConnection)context.Value.Database.GetDbConnection();

    private IEnumerable<RowChange> Modified() => _locked.Values
        .Where(row => PostgresSessionRow.MutableColumns.Of(row.Session) != row.Stored)
        .Select(row => new RowChange(
            row.Session, EntityState.Modified, row.Session.ArchivedAt != row.Stored.ArchivedAt, row.Session.Title != row.Stored.Title));

    private NpgsqlBatchCommand Statement(RowChange change) => change switch
    {
        { Row: Session session, State: EntityState.Added } => PostgresSessionRow.Insert(session),
        { Row: Session session, State: EntityState.Modified } => PostgresSessionRow.Update(session, _locked[(session.OwnerId, session.Id)].Stored),
        { Row: Session session, State: EntityState.Deleted } => PostgresSessionRow.Delete(session),
        { Row: Message message } => Insert(message),
        { Row: MessageCopies copies } => Insert(copies),
        { Row: IdempotencyRecord record } => Update(record),
        _ => throw new InvalidOperationException($"There is no statement for {change}."),
    };

    private async Task<IReadOnlyList<Session>> Read(UserId owner, string sql, NpgsqlParameter ids, CancellationToken cancellationToken)
    {
        await context.Value.EnsureTransaction(cancellationToken);
        var sessions = new List<Session>();
        await using var command = new NpgsqlCommand(sql, Connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = owner.Value });
        command.Parameters.Add(ids);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken)) sessions.Add(Track(PostgresSessionRow.Read(row, owner)));
        return sessions;
    }

    // A session that is locked twice is one object, with the changes made in between.
    private Session Track(Session session)
    {
        _locked.TryAdd((session.OwnerId, session.Id), (session, PostgresSessionRow.MutableColumns.Of(session)));
        return _locked[(session.OwnerId, session.Id)].Session;
    }

    private static NpgsqlBatchCommand Insert(Message message) => new(InsertMessage)
    {
        Parameters =
        {
            Value(message.OwnerId.Value),
            Value(message.SessionId.Value),
            new NpgsqlParameter<int> { TypedValue = message.Sequence },
            Value(message.Id.Value),
            Value(message.Role.ToName()),
            Value(message.Content.Value),
            Value(message.Metadata.Json),
            Value(message.CreatedAt),
        },
    };

    private static NpgsqlBatchCommand Insert(MessageCopies copies) => new(CopyMessages)
    {
        Parameters =
        {
            Value(copies.Fork.OwnerId.Value),
            Value(copies.Original.Value),
            Value(copies.Fork.Id.Value),
            new NpgsqlParameter<Guid[]> { TypedValue = [.. copies.Ids.Select(id => id.Value)] },
        },
    };

    private static NpgsqlBatchCommand Update(IdempotencyRecord record) => new(CompleteRecord)
    {
        Parameters =
        {
            Value(record.OwnerId.Value),
            Value(record.Method),
            Value(record.Path),
            Value(record.Key),
            Value(record.SessionId!.Value.Value),
            Value(record.Response),
        },
    };
}
