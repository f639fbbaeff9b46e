using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.Infrastructure.Persistence.Idempotency;

internal sealed class IdempotencyStore(OrionDbContext context, TimeProvider clock) : IIdempotencyStore
{
    private static readonly JsonSerializerOptions Json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new MetadataAsText() },
    };

    private IdempotencyRecord? _taken;

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

        await context.EnsureTransaction(cancellationToken);
        switch (await context.TakeKey(row, row.CreatedAt - IdempotencyKey.Lifetime, cancellationToken))
        {
            case null:
                return new IdempotencyClaim.Busy();
            case true:
                _taken = row;
                return new IdempotencyClaim.Taken();
        }

        var first = await context.IdempotencyRecords.AsNoTracking().SingleAsync(
            answer => answer.OwnerId == row.OwnerId && answer.Method == row.Method && answer.Path == row.Path && answer.Key == row.Key,
            cancellationToken);
        return new IdempotencyClaim.Answered(first.BodyHash, type => JsonSerializer.Deserialize(first.Answer!, type, Json)!);
    }

    public void Keep<T>(IdempotencyKey key, SessionId session, T answer, Caller caller)
        where T : class
    {
        var row = _taken ?? throw new InvalidOperationException("An answer is kept for a key that was taken.");
        context.IdempotencyRecords.Attach(row);
        row.SessionId = session;
        row.Answer = JsonSerializer.Serialize(answer, Json);
    }

    public async Task<int> DeleteOld(DateTimeOffset before, DateTimeOffset after, int limit, CancellationToken cancellationToken)
    {
        // One after the other, because each is a range of the index and both together are not.
        var old = await Delete(context.IdempotencyRecords.Where(answer => answer.CreatedAt < before), limit);
        return old < limit ? old + await Delete(context.IdempotencyRecords.Where(answer => answer.CreatedAt > after), limit - old) : old;

        Task<int> Delete(IQueryable<IdempotencyRecord> answers, int most) =>
            answers.OrderBy(answer => answer.CreatedAt).Take(most).ExecuteDeleteAsync(cancellationToken);
    }

    private sealed class MetadataAsText : JsonConverter<Metadata>
    {
        public override Metadata Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Metadata.From(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, Metadata value, JsonSerializerOptions options) => writer.WriteStringValue(value.Json);
    }
}
