using System.Text.Json;
using Orion.Cli.Reporting;

namespace Orion.Cli.Verification;

/// <summary>The model replies with one word, and its reply arrives as a stream.</summary>
internal sealed class ReplyCheck(VerificationTarget target, Probe probe, string token, TimeProvider clock)
{
    private const string Question = "Reply with one word: yes";
    private const string CacheControl = "no-store, no-transform";
    private const string Refused = "model_refused";

    // The stream, and the reply after it.
    private const int Requests = 2;

    // The token is valid for two minutes, and an operator is waiting.
    private static readonly TimeSpan LongestReply = TimeSpan.FromSeconds(60);

    // A reply that takes less time proves nothing about buffering: another instance may deliver its frames 600 ms later.
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(2);

    private readonly TemporarySession _session = new(target, probe, token, clock);

    internal async Task<VerificationResult> Run(CancellationToken cancellationToken)
    {
        var models = await probe.Get("/api/models", token, cancellationToken);
        if (models is { Status: 501, Code: "no_model" }) return Skipped("no model is configured (MODEL_URL)");
        return models.Status == 200
            ? await _session.Use(Requests, Check, cancellationToken)
            : VerificationResult.Failed($"/api/models returned {models} instead of 200.");
    }

    private async Task<VerificationResult> Check(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(LongestReply, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var frames = new ReplyFrames();
        try
        {
            using var stream = await probe.Open(HttpMethod.Post, $"{_session.Path}/replies", token, new { content = Question }, either.Token);
            if (stream.Response is { } rejection) return VerificationResult.Failed($"Asking the model returned {rejection} instead of a stream.");
            var problems = ProtectiveHeaders.ProblemsOf(stream.Headers, CacheControl);
            if (problems.Count > 0) return VerificationResult.Failed($"The stream of a reply: {string.Join(", ", problems)}.");
            await frames.Read(stream, clock, either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return frames.Id is null
                ? VerificationResult.Failed($"No event of the stream arrived within {LongestReply.TotalSeconds} s, and Orion sends the first one at once. {Advice}")
                : Skipped($"the reply took longer than {LongestReply.TotalSeconds} s");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or IOException)
        {
            return VerificationResult.Failed("The stream of a reply is broken. The proxy in front must pass on event streams unchanged, and not limit their duration.");
        }

        if (frames.Id is null || !frames.IsComplete) return VerificationResult.Failed("The stream of a reply ended too early. The proxy in front must not limit its duration.");
        var reply = await probe.Get($"{_session.Path}/replies/{frames.Id}", token, cancellationToken);
        if (reply.Status != 200) return VerificationResult.Failed($"Reading the reply returned {reply} instead of 200.");
        if (DurationOf(reply) is { } duration && duration >= LongEnough && frames.Duration < duration / 4)
            return VerificationResult.Failed($"The stream of a reply arrived at its end, in one piece. {Advice}");
        return Evaluate(reply);
    }

    private static string Advice =>
        "The proxy in front must not buffer event streams (nginx: proxy_buffering off; and no proxy_ignore_headers X-Accel-Buffering).";

    // A provider that is unavailable is not a fault of the deployment. The doctor makes the same difference.
    private static VerificationResult Evaluate(ProbeResponse reply) => (reply.Text("status"), reply.Text("error")) switch
    {
        ("completed", _) when reply.Text("text") is { Length: > 0 } => VerificationResult.Passed,
        ("completed", _) => VerificationResult.Failed("The model's reply has no text."),
        ("failed", Refused) => VerificationResult.Failed(
            "The model's provider rejects the request. The log names the reason (event 5003). Check MODEL_API_KEY, MODEL_URL and MODEL_NAMES; run there: orion doctor"),
        ("failed", var error) => Skipped($"the model failed ({Printable.Of(error ?? "")}); the log names the reason (event 5003)"),
        var (status, _) => VerificationResult.Failed($"The reply has the status {Printable.Of(status ?? "")} instead of completed."),
    };

    private static TimeSpan? DurationOf(ProbeResponse reply) =>
        reply.Json is { ValueKind: JsonValueKind.Object } json
        && json.TryGetProperty("createdAt", out var created) && created.TryGetDateTimeOffset(out var from)
        && json.TryGetProperty("finishedAt", out var finished) && finished.TryGetDateTimeOffset(out var to)
            ? to - from
            : null;

    private static VerificationResult Skipped(string detail) => new(CheckStatus.Skipped, detail);

    /// <summary>The frames of a stream.</summary>
    private sealed class ReplyFrames
    {
        /// <summary>The id of the reply, from the first frame.</summary>
        internal Guid? Id { get; private set; }

        /// <summary>Whether the stream has arrived to its end.</summary>
        internal bool IsComplete { get; private set; }

        /// <summary>The time from the first frame to the end.</summary>
        internal TimeSpan Duration { get; private set; }

        internal async Task Read(ProbeStream stream, TimeProvider clock, CancellationToken cancellationToken)
        {
            long? first = null;
            await foreach (var frame in stream.Events(cancellationToken))
            {
                first ??= clock.GetTimestamp();
                IsComplete = frame.Data == ProbeStream.Done;
                if (IsComplete) break;
                using var json = JsonDocument.Parse(frame.Data);
                if (json.RootElement.TryGetProperty("messageMetadata", out var metadata)
                    && metadata.TryGetProperty("replyId", out var id) && id.TryGetGuid(out var reply))
                {
                    Id = reply;
                }
            }

            Duration = first is { } start ? clock.GetElapsedTime(start) : TimeSpan.Zero;
        }
    }
}
