// What the machine allows: bare Kestrel, the token's HMAC, one prepared statement, JSON by hand. No protection, no ownership rules,
// no checks of a body beyond its text: not a service, but the yardstick for one.
//
// usage: Orion.Bare CONNECTION-STRING SECRET, listening where ASPNETCORE_URLS says.

using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

var key = Encoding.UTF8.GetBytes(args[1]);
var connectionString = new NpgsqlConnectionStringBuilder(args[0]) { MaxAutoPrepare = 20, AutoPrepareMinUsages = 1, MaxPoolSize = 20 }.ConnectionString;
await using var database = NpgsqlDataSource.Create(connectionString);
var owners = new Dictionary<string, Guid>();
await using (var command = database.CreateCommand("SELECT email, id FROM authorized_users"))
await using (var reader = await command.ExecuteReaderAsync())
{
    while (await reader.ReadAsync()) owners[reader.GetString(0)] = reader.GetGuid(1);
}

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
var app = builder.Build();
app.Run(async http =>
{
    if (Subject(http.Request) is not { } email)
    {
        http.Response.StatusCode = 401;
        http.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        await http.Response.WriteAsync("""{"status":401,"error":"invalid_token"}""");
        return;
    }

    await ((http.Request.Method, http.Request.Path.Value) switch
    {
        ("GET", "/api/sessions/list") => List(http, email),
        ("POST", "/api/sessions") => Create(http, email),
        ("POST", { } path) => Append(http, email, Guid.Parse(path.AsSpan("/api/sessions/".Length, 36))),
        _ => http.Response.WriteAsync("nothing here"),
    });
});
await app.RunAsync();

string? Subject(HttpRequest request)
{
    var header = request.Headers.Authorization.ToString();
    if (!header.StartsWith("Bearer ", StringComparison.Ordinal)) return null;
    var token = header.AsSpan("Bearer ".Length);
    var dot = token.LastIndexOf('.');
    if (dot < 0) return null;

    Span<byte> signed = stackalloc byte[dot];
    Encoding.ASCII.GetBytes(token[..dot], signed);
    Span<byte> expected = stackalloc byte[32], given = stackalloc byte[64];
    HMACSHA256.HashData(key, signed, expected);
    if (Base64Url.DecodeFromChars(token[(dot + 1)..], given, out _, out var length) != System.Buffers.OperationStatus.Done) return null;
    if (!CryptographicOperations.FixedTimeEquals(given[..length], expected)) return null;

    using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(token[(token.IndexOf('.') + 1)..dot]));
    return claims.RootElement.GetProperty("exp").GetInt64() > TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()
        ? claims.RootElement.GetProperty("sub").GetString()
        : null;
}

async Task List(HttpContext http, string email)
{
    using var buffer = new MemoryStream(16 * 1024);
    await using var writer = new Utf8JsonWriter(buffer);
    var count = 0;
    await using (var command = database.CreateCommand(
        """
        SELECT id, title, first_message, last_message, message_count, created_at, updated_at, version, metadata FROM sessions
        WHERE owner_id = $1 AND archived_at IS NULL ORDER BY updated_at DESC, id DESC LIMIT 101
        """))
    {
        command.Parameters.Add(new() { Value = owners[email], NpgsqlDbType = NpgsqlDbType.Uuid });
        await using var reader = await command.ExecuteReaderAsync();
        writer.WriteStartObject();
        writer.WriteStartArray("sessions");
        for (; await reader.ReadAsync(); count++)
        {
            writer.WriteStartObject();
            writer.WriteString("sessionId", reader.GetGuid(0));
            writer.WriteString("userId", email);
            writer.WriteString("title", reader.GetString(1));
            writer.WriteString("firstMessage", reader.GetString(2));
            writer.WriteString("lastMessage", reader.GetString(3));
            writer.WriteNumber("messageCount", reader.GetInt32(4));
            writer.WriteString("createdAt", reader.GetDateTime(5));
            writer.WriteString("updatedAt", reader.GetDateTime(6));
            writer.WriteNumber("version", reader.GetInt64(7));
            writer.WritePropertyName("metadata");
            writer.WriteRawValue(reader.GetString(8), skipInputValidation: true);
            writer.WriteEndObject();
        }
    }

    writer.WriteEndArray();
    writer.WriteNumber("count", count);
    writer.WriteEndObject();
    writer.Flush();
    await Respond(http, 200, buffer);
}

async Task Create(HttpContext http, string email)
{
    using var body = await JsonDocument.ParseAsync(http.Request.Body);
    var now = TimeProvider.System.GetUtcNow();
    var id = Guid.CreateVersion7(now);
    var title = body.RootElement.GetProperty("title").GetString()!;
    await using (var command = database.CreateCommand(
        """
        INSERT INTO sessions
            (owner_id, id, title, first_message, last_message, message_count, metadata, created_at, updated_at, version, indexed_version, tokens_valid_from)
        VALUES ($1, $2, $3, '', '', 0, '{}', $4, $4, 1, 1, to_timestamp(0))
        """))
    {
        command.Parameters.Add(new() { Value = owners[email], NpgsqlDbType = NpgsqlDbType.Uuid });
        command.Parameters.Add(new() { Value = id, NpgsqlDbType = NpgsqlDbType.Uuid });
        command.Parameters.Add(new() { Value = title, NpgsqlDbType = NpgsqlDbType.Varchar });
        command.Parameters.Add(new() { Value = now.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        await command.ExecuteNonQueryAsync();
    }

    using var buffer = new MemoryStream(1024);
    await using var writer = new Utf8JsonWriter(buffer);
    writer.WriteStartObject();
    writer.WriteString("sessionId", id);
    writer.WriteString("userId", email);
    writer.WriteString("title", title);
    writer.WriteString("createdAt", now);
    writer.WriteEndObject();
    writer.Flush();
    http.Response.Headers.Location = string.Create(CultureInfo.InvariantCulture, $"/api/sessions/{id}");
    await Respond(http, 201, buffer);
}

async Task Append(HttpContext http, string email, Guid session)
{
    using var body = await JsonDocument.ParseAsync(http.Request.Body);
    var now = TimeProvider.System.GetUtcNow();
    var id = Guid.CreateVersion7(now);
    var content = body.RootElement.GetProperty("content").GetString()!;
    int sequence;
    await using (var connection = await database.OpenConnectionAsync())
    await using (var transaction = await connection.BeginTransactionAsync())
    {
        await using (var locked = new NpgsqlCommand("SELECT message_count FROM sessions WHERE owner_id = $1 AND id = $2 FOR UPDATE", connection, transaction))
        {
            locked.Parameters.Add(new() { Value = owners[email], NpgsqlDbType = NpgsqlDbType.Uuid });
            locked.Parameters.Add(new() { Value = session, NpgsqlDbType = NpgsqlDbType.Uuid });
            sequence = (int)(await locked.ExecuteScalarAsync())! + 1;
        }

        await using (var batch = new NpgsqlBatch(connection, transaction))
        {
            var insert = new NpgsqlBatchCommand(
                "INSERT INTO messages (owner_id, session_id, sequence, id, role, content, metadata, created_at) VALUES ($1, $2, $3, $4, 'user', $5, '{}', $6)");
            var update = new NpgsqlBatchCommand(
                "UPDATE sessions SET message_count = $3, last_message = $4, updated_at = $5, version = version + 1, indexed_version = version + 1 "
                + "WHERE owner_id = $1 AND id = $2");
            foreach (var command in new[] { insert, update })
            {
                command.Parameters.Add(new() { Value = owners[email], NpgsqlDbType = NpgsqlDbType.Uuid });
                command.Parameters.Add(new() { Value = session, NpgsqlDbType = NpgsqlDbType.Uuid });
                command.Parameters.Add(new() { Value = sequence, NpgsqlDbType = NpgsqlDbType.Integer });
                if (command == insert) command.Parameters.Add(new() { Value = id, NpgsqlDbType = NpgsqlDbType.Uuid });
                command.Parameters.Add(new() { Value = content, NpgsqlDbType = NpgsqlDbType.Varchar });
                command.Parameters.Add(new() { Value = now.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
                batch.BatchCommands.Add(command);
            }

            await batch.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
    }

    using var buffer = new MemoryStream(1024);
    await using var writer = new Utf8JsonWriter(buffer);
    writer.WriteStartObject();
    writer.WriteString("id", id);
    writer.WriteString("sessionId", session);
    writer.WriteNumber("sequence", sequence);
    writer.WriteString("content", content);
    writer.WriteString("timestamp", now);
    writer.WriteEndObject();
    writer.Flush();
    await Respond(http, 201, buffer);
}

static Task Respond(HttpContext http, int status, MemoryStream body)
{
    http.Response.StatusCode = status;
    http.Response.ContentType = "application/json";
    http.Response.ContentLength = body.Length;
    return http.Response.Body.WriteAsync(body.GetBuffer(), 0, (int)body.Length);
}
