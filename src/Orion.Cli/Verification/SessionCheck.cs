using System.Security.Cryptography;
using System.Text.Json;

namespace Orion.Cli.Verification;

/// <summary>A session is created, read, appended to and deleted; it is gone afterwards, however the check ends.</summary>
internal sealed class SessionCheck(Probe probe, string token)
{
    private const string Title = "orion verify";
    private const string Content = "Written by orion verify, to be deleted at once.";

    // The session can be found again by it where the answer to its creation was lost.
    private readonly string _key = $"orion-verify-{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
    private bool _isGone = true;
    private string? _id;

    internal async Task<Finding> Run(CancellationToken cancellationToken)
    {
        var wrong = "";
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            wrong = await Use(cancellationToken);
        }
        finally
        {
            if (!_isGone && !await Remove()) wrong += $" The session {_id ?? $"titled \"{Title}\""} may be left behind: delete it.";
        }

        return wrong.Length == 0 ? Finding.Passed : Finding.Failed(wrong.Trim());
    }

    // What goes wrong, or nothing.
    private async Task<string> Use(CancellationToken cancellationToken)
    {
        _isGone = false;
        var created = await Create();
        if (created.Status != 201) return WithoutSession(created);
        if (_id is null) return "Creating answered without an id.";

        var path = $"/api/sessions/{_id}";
        var read = await probe.Get(path, token, cancellationToken);
        if (read.Status != 200 || read.Text("title") != Title) return $"Reading it answered {read}, or another session.";

        var appended = await probe.Send(HttpMethod.Post, $"{path}/messages", token, new { role = "user", content = Content }, cancellationToken);
        if (appended.Status != 201) return $"Appending answered {appended}.";
        var messages = await probe.Get($"{path}/messages", token, cancellationToken);
        if (!Holds(messages)) return "The message that was appended is not there.";

        var deleted = await probe.Send(HttpMethod.Delete, path, token, null, cancellationToken);
        if (deleted.Status != 204) return $"Deleting answered {deleted}.";
        var after = await probe.Get(path, token, cancellationToken);
        if (after.Status != 404) return $"Reading it after its deletion answered {after}.";
        _isGone = true;
        return "";
    }

    // Without the caller's cancellation: what was created must be known, to be deleted.
    private async Task<ProbeAnswer> Create()
    {
        var created = await probe.Send(HttpMethod.Post, "/api/sessions", token, new { title = Title }, CancellationToken.None, ("Idempotency-Key", _key));
        _id = created.Status == 201 && Guid.TryParseExact(created.Text("sessionId"), "D", out var id) ? id.ToString() : null;
        return created;
    }

    private string WithoutSession(ProbeAnswer refusal)
    {
        _isGone = refusal.Status is >= 400 and < 500;
        return $"Creating answered {refusal}.";
    }

    private static bool Holds(ProbeAnswer messages) =>
        messages.Status == 200
        && messages.Json is { ValueKind: JsonValueKind.Object } json
        && json.TryGetProperty("messages", out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() == 1
        && list[0].TryGetProperty("content", out var content) && content.GetString() == Content;

    private async Task<bool> Remove()
    {
        try
        {
            if (_id is null) await Create();
            if (_id is null) return false;
            var deleted = await probe.Send(HttpMethod.Delete, $"/api/sessions/{_id}", token);
            return deleted.Status is 204 or 404 && (await probe.Send(HttpMethod.Get, $"/api/sessions/{_id}", token)).Status == 404;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
