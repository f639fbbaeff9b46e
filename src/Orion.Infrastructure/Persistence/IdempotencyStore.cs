using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Infrastructure.Persistence;

/// <summary>The rows of <c>idempotency_keys</c>.</summary>
internal sealed class IdempotencyStore(Lazy<OrionDbContext> context, ISessionWrites writes, TimeProvider clock) : IIdempotencyStore
{
    private static readonly JsonSerializerOptions Json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new MetadataAsText() },
    };

    private IdempotencyRecord? _claimed;

    public async Task<IdempotencyClaim> Claim(IdempotencyKey key, Caller caller, CancellationToken cancellationToken)
    {
        var row = new IdempotencyRecord
        {
            OwnerId = caller.Id,
            Method = key.Method,
            Path = key.Path,
            Key = key.Key,
            BodyHash = key.BodyHash,
            CreatedAt = clock.GetUtcInstant(),
        };

        await context.Value.EnsureTransaction(cancellationToken);
        switch (await context.Value.InsertKey(row, row.CreatedAt - IdempotencyKey.Lifetime, cancellationToken))
        {
            case null:
                return new IdempotencyClaim.Busy();
            case true:
                _claimed = row;
                return new IdempotencyClaim.Claimed();
        }

        var first = await context.Value.IdempotencyRecords.AsNoTracking().SingleAsync(
            record => record.OwnerId == row.OwnerId && record.Method == row.Method && record.Path == row.Path && record.Key == row.Key,
            cancellationToken);
        return new IdempotencyClaim.Completed(first.BodyHash, type => JsonSerializer.Deserialize(first.Response!, type, Json)!);
    }

    public void Add<T>(IdempotencyKey key, SessionId session, T result, Caller caller)
        where T : class
    {
        var row = _claimed ?? throw new InvalidOperationException("The key has not been claimed.");
        row.SessionId = session;
        row.Response = JsonSerializer.Serialize(result, Json);
        writes.Complete(row);
    }

    public async Task<int> DeleteExpired(DateTimeOffset before, DateTimeOffset after, int limit, CancellationToken cancellationToken)
    {
        // Two statements, because each is a range scan of the index and one with OR is not.
        var expired = await Delete(context.Value.IdempotencyRecords.Where(record => record.CreatedAt < before), limit);
        return expired < limit
            ? expired + await Delete(context.Value.IdempotencyRecords.Where(record => record.CreatedAt > after), limit - expired)
            : expired;

        Task<int> Delete(IQueryable<IdempotencyRecord> records, int count) =>
            records.OrderBy(record => record.CreatedAt).Take(count).ExecuteDeleteAsync(cancellationToken);
    }

    private sealed class MetadataAsText : JsonConverter<Metadata>
    {
        public override Metadata Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Metadata.From(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, Metadata value, JsonSerializerOptions options) => writer.WriteStringValue(value.Json);
    }
}
