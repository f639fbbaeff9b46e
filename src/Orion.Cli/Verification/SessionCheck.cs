using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Orion.Application.Concurrency;
using Orion.Cli.Execution;

namespace Orion.Cli.Verification;

/// <summary>A session is created, read, appended to and deleted. The session is always deleted, even if the check fails or is cancelled.</summary>
internal sealed class SessionCheck(VerificationTarget target, Probe probe, string token, TimeProvider clock)
{
    private const string Title = "orion verify";
    private const string Content = "Written by orion verify, to be deleted at once.";

    // Six requests, and one to clean up.
    private const int RequestsNeeded = 7;

    // The token is valid for two minutes, and an operator is waiting.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    // Finds the session again if the response to its creation was lost.
    private readonly string _key = $"orion-verify-{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
    private bool _isDeleted = true;
    private string? _id;

    internal async Task<VerificationResult> Run(CancellationToken cancellationToken)
    {
        var before = await probe.Get("/api/me", token, cancellationToken);
        if (before.RateLimit is { } limit && limit.Remaining < RequestsNeeded)
        {
            return VerificationResult.Failed($"The user's rate limit has {limit.Remaining} requests left, and the check needs {RequestsNeeded}. "
                + "Nothing was written. Run verify again later, or raise RATE_LIMIT_USER_MAX_REQUESTS.");
        }

        Exception? end = null;
        var problem = "";
        try
        {
            problem = await Use(cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            end = exception;
        }

        var leftover = _isDeleted ? "" : await Remove(cancellationToken);
        if (cancellationToken.IsCancellationRequested && leftover.Length > 0) throw new CommandFailedException($"Interrupted.{leftover}", ExitCodes.Interrupted);
        cancellationToken.ThrowIfCancellationRequested();
        if (end is not null) problem = probe.Explain(end);
        return problem.Length + leftover.Length == 0 ? VerificationResult.Passed : VerificationResult.Failed((problem + leftover).Trim());
    }

    // The problem, or an empty text.
    private async Task<string> Use(CancellationToken cancellationToken)
    {
        _isDeleted = false;
        var created = await Create();
        if (created.Status != 201) return WithoutSession(created);
        if (_id is null) return "Creating a session returned 201 without an id.";

        var path = $"/api/sessions/{_id}";
        var read = await probe.Get(path, token, cancellationToken);
        if (read.Status != 200) return $"Reading the session returned {read} instead of 200.";
        if (read.Text("title") != Title) return "Reading the session returned 200 with another title.";

        var appended = await probe.Send(HttpMethod.Post, $"{path}/messages", token, new { role = "user", content = Content }, cancellationToken);
        if (appended.Status != 201) return $"Appending a message returned {appended} instead of 201.";
        var messages = await probe.Get($"{path}/messages", token, cancellationToken);
        if (messages.Status != 200) return $"Listing the messages returned {messages} instead of 200.";
        if (!HasMessage(messages)) return "The message that was appended is missing from the list.";

        var deleted = await probe.Send(HttpMethod.Delete, path, token, null, cancellationToken);
        if (deleted.Status != 204) return $"Deleting the session returned {deleted} instead of 204.";
        var after = await probe.Get(path, token, cancellationToken);
        if (after.Status != 404) return $"Reading the session after its deletion returned {after} instead of 404.";
        _isDeleted = true;
        return "";
    }

    // Not cancelled: the id of the created session is needed to delete it.
    private async Task<ProbeResponse> Create()
    {
        var created = await probe.Send(HttpMethod.Post, "/api/sessions", token, new { title = Title }, CancellationToken.None, ("Idempotency-Key", _key));
        _id = created.Status == 201 && Guid.TryParseExact(created.Text("sessionId"), "D", out var id) ? id.ToString() : null;
        return created;
    }

    private string WithoutSession(ProbeResponse rejection)
    {
        _isDeleted = rejection.Status is >= 400 and < 500;
        return $"Creating a session returned {rejection} instead of 201.";
    }

    private static bool HasMessage(ProbeResponse messages) =>
        messages.Json is { ValueKind: JsonValueKind.Object } json
        && json.TryGetProperty("messages", out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() == 1
        && list[0].TryGetProperty("content", out var content) && content.GetString() == Content;

    // A sentence about a session that could not be deleted, or an empty text.
    private async Task<string> Remove(CancellationToken cancellationToken)
    {
        try
        {
            if (_id is null) await Create();
            if (_id is null) return $" The session titled \"{Title}\" may be left behind: delete it.";
            var deleted = await Delete();
            if (deleted is { Status: 429, RetryAfter: { } wait } && wait <= LongestWait)
            {
                await clock.Delay(wait, cancellationToken);
                deleted = await Delete();
            }

            // If the rate limit allows no further request, the response to the deletion suffices.
            if (deleted.Status is 204 or 404
                && (await probe.Send(HttpMethod.Get, $"/api/sessions/{_id}", token)).Status is 404 or 429)
            {
                return "";
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            // Reported below.
        }

        var when = probe.RetryAfter is { } delay ? string.Create(CultureInfo.InvariantCulture, $" in {delay.TotalSeconds:0} s") : "";
        return $" The session {_id ?? Title} is left behind. Delete it{when}, on the server: curl --request DELETE "
            + $"--header \"Authorization: Bearer $(orion token mint --user {target.User})\" {target.Address}api/sessions/{_id}";
    }

    private Task<ProbeResponse> Delete() => probe.Send(HttpMethod.Delete, $"/api/sessions/{_id}", token);
}
