// The load for replies. This process is the model, which writes 50 tokens/s to each stream, and the clients, which read them from Orion.
// Each token contains the time at which it is written, so the client that reads it knows how long it took.
//
// usage: Orion.Replies ORION-URL ORION-PID CONNECTION-STRING WARM-UP-SECONDS SECONDS TOKEN …
// The model listens on ASPNETCORE_URLS. A token is that of a user, who opens 20 streams at most. Prints a line for each number of streams:
// streams, tokens/s, median and p99 of the latency in ms, processor time of Orion in % of a core and in µs/token, transactions/s and
// written rows/s of the database, memory of Orion in KiB for each stream more than in the line before. The first line is without Orion: the clients read from the model.

using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Npgsql;

const int MaxStreams = 200, StreamsPerUser = 20;
var interval = TimeSpan.FromMilliseconds(20);
var start = Stopwatch.GetTimestamp();
var isEnding = false;

await using var database = NpgsqlDataSource.Create(args[2]);
using var process = Process.GetProcessById(int.Parse(args[1], CultureInfo.InvariantCulture));
var warmUp = int.Parse(args[3], CultureInfo.InvariantCulture);
var duration = int.Parse(args[4], CultureInfo.InvariantCulture);
var tokens = args[5..];

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
await using var app = builder.Build();
app.MapPost("/v1/chat/completions", Complete);
await app.StartAsync();
using var orion = new HttpClient { BaseAddress = new Uri(args[0]) };
using var model = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

await Run(StreamsPerUser, warmUp, Reply);
Print(MaxStreams, await Run(MaxStreams, duration, _ => Post(model, "/v1/chat/completions", "{}")));
// The memory of a stream is the difference between two numbers of streams: each of them has the same code, and garbage to collect.
var (fewer, before) = (0, 0L);
foreach (var streams in (int[])[1, 50, MaxStreams])
{
    var run = await Run(streams, duration, Reply);
    Print(streams, run, (run.To.Memory - before) / 1024.0 / (streams - fewer));
    (fewer, before) = (streams, run.To.Memory);
}

double Now() => Stopwatch.GetElapsedTime(start).TotalMilliseconds;

// The model.
async Task Complete(HttpResponse response)
{
    response.ContentType = "text/event-stream";
    using var timer = new PeriodicTimer(interval);
    while (!Volatile.Read(ref isEnding) && await timer.WaitForNextTickAsync())
        await response.WriteAsync(Chunk($$"""{"content":"@{{Now():0.000}} "}""", "null"));
    await response.WriteAsync(Chunk("{}", "\"stop\"") + "data: [DONE]\n\n");
}

static string Chunk(string delta, string reason)
{
    const string Start = """data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":""";
    return $$"""{{Start}}{{delta}},"finish_reason":{{reason}}}]}""" + "\n\n";
}

// Begins a reply in a new session.
async Task<HttpResponseMessage> Reply(int stream)
{
    var user = tokens[stream / StreamsPerUser];
    using var session = (await Post(orion, "/api/sessions", "{}", user)).EnsureSuccessStatusCode();
    return await Post(orion, $"{session.Headers.Location}/replies", """{"content":"Please continue."}""", user);
}

static async Task<HttpResponseMessage> Post(HttpClient server, string path, string body, string? user = null)
{
    using var request = new HttpRequestMessage(HttpMethod.Post, path)
    {
        Content = new StringContent(body, MediaTypeHeaderValue.Parse("application/json")),
        Headers = { { "Accept", "text/event-stream" }, { "Authorization", $"Bearer {user}" } },
    };
    return await server.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
}

// When each token was written, and how long it took.
async Task<List<(double Written, double Latency)>> Read(HttpResponseMessage response)
{
    var read = new List<(double, double)>();
    using (response.EnsureSuccessStatusCode())
    using (var reader = new StreamReader(await response.Content.ReadAsStreamAsync()))
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            var now = Now();
            var at = line.IndexOf('@', StringComparison.Ordinal);
            if (at < 0) continue;
            var written = double.Parse(line.AsSpan()[(at + 1)..line.IndexOf(' ', at)], CultureInfo.InvariantCulture);
            read.Add((written, now - written));
        }
    }

    return read;
}

async Task<(double[] Latencies, Measurement From, Measurement To)> Run(int streams, int seconds, Func<int, Task<HttpResponseMessage>> open)
{
    Volatile.Write(ref isEnding, false);
    var reads = new List<Task<List<(double Written, double Latency)>>>();
    for (var i = 0; i < streams; i++) reads.Add(Read(await open(i)));
    await Task.Delay(TimeSpan.FromSeconds(seconds / 3));
    var from = await Measure();
    await Task.Delay(TimeSpan.FromSeconds(seconds));
    var to = await Measure();
    Volatile.Write(ref isEnding, true);
    var read = (await Task.WhenAll(reads)).SelectMany(one => one);
    var measured = read.Where(token => token.Written >= from.Time && token.Written < to.Time);
    return ([.. measured.Select(token => token.Latency).Order()], from, to);
}

async Task<Measurement> Measure()
{
    await using var command = database.CreateCommand(
        "SELECT xact_commit, tup_inserted + tup_updated + tup_deleted FROM pg_stat_database WHERE datname = current_database()");
    await using var row = await command.ExecuteReaderAsync();
    await row.ReadAsync();
    process.Refresh();
    return new Measurement(Now(), process.TotalProcessorTime.TotalMilliseconds, process.WorkingSet64, row.GetInt64(0), row.GetInt64(1));
}

void Print(int streams, (double[] Latencies, Measurement From, Measurement To) run, double memory = 0)
{
    var (latencies, from, to) = run;
    var seconds = (to.Time - from.Time) / 1000;
    var processor = to.Processor - from.Processor;
    double[] figures =
    [
        streams, latencies.Length / seconds, latencies[latencies.Length / 2], latencies[latencies.Length * 99 / 100],
        processor / seconds / 10, processor / latencies.Length * 1000, (to.Transactions - from.Transactions) / seconds,
        (to.Rows - from.Rows) / seconds, memory,
    ];
    Console.WriteLine(string.Join(' ', figures.Select(figure => figure.ToString("0.0", CultureInfo.InvariantCulture))));
}

// Times in ms, the memory in bytes.
internal sealed record Measurement(double Time, double Processor, long Memory, long Transactions, long Rows);
