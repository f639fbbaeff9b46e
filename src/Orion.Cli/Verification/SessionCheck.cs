using System.Text.Json;

namespace Orion.Cli.Verification;

/// <summary>A session is created, read, appended to and deleted.</summary>
internal sealed class SessionCheck(VerificationTarget target, Probe probe, string token, TimeProvider clock)
{
    private const string Content = "Written by orion verify, to be deleted at once.";

    // Without the deletion.
    private const int Requests = 3;

    private readonly TemporarySession _session = new(target, probe, token, clock);

    internal Task<VerificationResult> Run(CancellationToken cancellationToken) => _session.Use(Requests, Check, cancellationToken);

    private async Task<VerificationResult> Check(CancellationToken cancellationToken)
    {
        var problem = await FindProblem(cancellationToken);
        return problem.Length == 0 ? VerificationResult.Passed : VerificationResult.Failed(problem);
    }

    // The problem, or an empty text.
    private async Task<string> FindProblem(CancellationToken cancellationToken)
    {
        var path = _session.Path;
        var read = await probe.Get(path, token, cancellationToken);
        if (read.Status != 200) return $"Reading the session returned {read} instead of 200.";
        if (read.Text("title") != TemporarySession.Title) return "Reading the session returned 200 with another title.";

        var appended = await probe.Send(HttpMethod.Post, $"{path}/messages", token, new { role = "user", content = Content }, cancellationToken);
        if (appended.Status != 201) return $"Appending a message returned {appended} instead of 201.";
        var messages = await probe.Get($"{path}/messages", token, cancellationToken);
        if (messages.Status != 200) return $"Listing the messages returned {messages} instead of 200.";
        if (!HasMessage(messages)) return "The message that was appended is missing from the list.";

        var deleted = await probe.Send(HttpMethod.Delete, path, token, null, cancellationToken);
        if (deleted.Status != 204) return $"Deleting the session returned {deleted} instead of 204.";
        var after = await probe.Get(path, token, cancellationToken);
        if (after.Status != 404) return $"Reading the session after its deletion returned {after} instead of 404.";
        _session.Deleted();
        return "";
    }

    private static bool HasMessage(ProbeResponse messages) =>
        messages.Json is { ValueKind: JsonValueKind.Object } json
        && json.TryGetProperty("messages", out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() == 1
        && list[0].TryGetProperty("content", out var content) && content.GetString() == Content;
}
