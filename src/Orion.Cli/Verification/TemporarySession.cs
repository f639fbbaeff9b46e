using System.Globalization;
using System.Security.Cryptography;
using Orion.Application.Concurrency;
using Orion.Cli.Execution;

namespace Orion.Cli.Verification;

/// <summary>A session for one check. It is always deleted, even if the check fails or is cancelled.</summary>
internal sealed class TemporarySession(VerificationTarget target, Probe probe, string token, TimeProvider clock)
{
    /// <summary>Its title.</summary>
    internal const string Title = "orion verify";

    // To create it, to delete it, to delete it again if that failed, and to read it after that.
    private const int OwnRequests = 4;

    // The token is valid for two minutes, and an operator is waiting.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    // Finds the session again if the response to its creation was lost.
    private readonly string _key = $"orion-verify-{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
    private bool _isDeleted = true;
    private string? _id;

    /// <summary>Its path.</summary>
    internal string Path => $"/api/sessions/{_id}";

    /// <summary>Creates the session, runs a check with it, and deletes it.</summary>
    /// <param name="requests">The number of requests that the check sends.</param>
    /// <param name="check">The check.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    internal async Task<VerificationResult> Use(
        int requests, Func<CancellationToken, Task<VerificationResult>> check, CancellationToken cancellationToken)
    {
        var before = await probe.Get("/api/me", token, cancellationToken);
        if (before.RateLimit is { } limit && limit.Remaining < requests + OwnRequests)
        {
            return VerificationResult.Failed($"The user's rate limit has {limit.Remaining} requests left, and the check needs {requests + OwnRequests}. "
                + "Nothing was written. Run verify again later, or raise RATE_LIMIT_USER_MAX_REQUESTS.");
        }

        Exception? end = null;
        var result = VerificationResult.Passed;
        try
        {
            result = await CreateAndRun(check, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            end = exception;
        }

        var leftover = _isDeleted ? "" : await Remove(cancellationToken);
        if (cancellationToken.IsCancellationRequested && leftover.Length > 0) throw new CommandFailedException($"Interrupted.{leftover}", ExitCodes.Interrupted);
        cancellationToken.ThrowIfCancellationRequested();
        if (end is not null) result = VerificationResult.Failed(probe.Explain(end));
        return leftover.Length == 0 ? result : VerificationResult.Failed((result.Detail + leftover).Trim());
    }

    /// <summary>The check has deleted the session.</summary>
    internal void Deleted() => _isDeleted = true;

    private async Task<VerificationResult> CreateAndRun(Func<CancellationToken, Task<VerificationResult>> check, CancellationToken cancellationToken)
    {
        _isDeleted = false;
        var created = await Create();
        if (created.Status != 201)
        {
            _isDeleted = created.Status is >= 400 and < 500;
            return VerificationResult.Failed($"Creating a session returned {created} instead of 201.");
        }

        return _id is null ? VerificationResult.Failed("Creating a session returned 201 without an id.") : await check(cancellationToken);
    }

    // Not cancelled: the id of the created session is needed to delete it.
    private async Task<ProbeResponse> Create()
    {
        var created = await probe.Send(HttpMethod.Post, "/api/sessions", token, new { title = Title }, CancellationToken.None, ("Idempotency-Key", _key));
        _id = created.Status == 201 && Guid.TryParseExact(created.Text("sessionId"), "D", out var id) ? id.ToString() : null;
        return created;
    }

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
                && (await probe.Send(HttpMethod.Get, Path, token)).Status is 404 or 429)
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

    private Task<ProbeResponse> Delete() => probe.Send(HttpMethod.Delete, Path, token);
}
