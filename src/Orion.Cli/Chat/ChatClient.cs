using System.Runtime.CompilerServices;
using System.Text.Json;
using Orion.Application.Concurrency;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;
using Orion.Cli.Verification;

namespace Orion.Cli.Chat;

/// <summary>Asks a running service for replies, as a frontend does.</summary>
internal sealed class ChatClient(VerificationTarget service, Probe probe, TimeProvider clock)
{
    private const string Sessions = "/api/sessions";
    private const int MaxAttempts = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private string? _createdTag;

    /// <summary>The session; null before the first question, if it creates one.</summary>
    internal Guid? Session { get; set; }

    /// <summary>The name of the model; null for the default.</summary>
    internal string? Model { get; init; }

    // The end of its lifetime does not end a stream.
    private string Token => VerificationTokens.Mint(service, clock, service.User);

    /// <summary>Creates the session, unless there is one.</summary>
    /// <returns>Whether it was created.</returns>
    /// <exception cref="CommandFailedException">The service rejected the request, or cannot be reached.</exception>
    internal async Task<bool> EnsureSession(CancellationToken cancellationToken)
    {
        if (Session is not null) return false;
        var created = await Send(HttpMethod.Post, Sessions, new { }, cancellationToken);
        Session = Guid.TryParseExact(created.Text("sessionId"), "D", out var id) ? id : throw NotOrion(created);
        _createdTag = created.Header("ETag");
        return true;
    }

    /// <summary>Deletes the session that was created, if nothing was written to it.</summary>
    /// <returns>False if it stays: the question is stored and only the response was lost, or the service cannot be reached.</returns>
    internal async Task<bool> TryDeleteSession(CancellationToken cancellationToken)
    {
        if (_createdTag is null) return false;
        try
        {
            var deleted = await probe.Send(HttpMethod.Delete, $"{Sessions}/{Session}", Token, null, cancellationToken, ("If-Match", _createdTag));
            if (deleted.Status != 204) return false;
        }
        catch (Exception exception) when (exception is HttpRequestException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }

        Session = null;
        return true;
    }

    /// <summary>Begins a reply.</summary>
    /// <exception cref="CommandFailedException">The service rejected the request, or cannot be reached.</exception>
    internal async Task<ChatReply> Begin(string question, CancellationToken cancellationToken)
    {
        var body = Model is null ? (object)new { content = question } : new { content = question, model = Model };
        var stream = await Open(HttpMethod.Post, $"{Sessions}/{Session}/replies", body, lastEvent: null, cancellationToken);
        // Only the id: the service must not choose where a token is sent.
        return Guid.TryParseExact(stream.Headers.GetValueOrDefault("Location")?.Split('/')[^1], "D", out var id)
            ? new ChatReply($"{Sessions}/{Session}/replies/{id}", stream)
            : throw NotOrion(stream.Response);
    }

    /// <summary>Reads the frames of a reply to its end. If the connection breaks, it is opened again.</summary>
    /// <exception cref="CommandFailedException">The service rejected the request, or cannot be reached.</exception>
    internal async IAsyncEnumerable<JsonElement> Frames(ChatReply reply, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stream = reply.Stream;
        var (last, attempt) = ((string?)null, 1);
        while (true)
        {
            using (stream)
            {
                await using var events = stream.Events(cancellationToken).GetAsyncEnumerator(cancellationToken);
                while (await MoveNext(events))
                {
                    if (events.Current.Data == ProbeStream.Done) yield break;
                    (last, attempt) = (events.Current.EventId ?? last, 1);
                    yield return Parse(events.Current.Data);
                }
            }

            do
            {
                if (attempt++ >= MaxAttempts)
                    throw new CommandFailedException($"The connection to {service.Address.Authority} broke. The reply goes on in the service.");
                await clock.Delay(Pause, cancellationToken);
                stream = await TryOpen(reply.Path, last, cancellationToken);
            }
            while (stream is null);
        }
    }

    /// <summary>Stops a reply.</summary>
    internal Task Stop(ChatReply reply, CancellationToken cancellationToken) =>
        Send(HttpMethod.Post, $"{reply.Path}/stop", null, cancellationToken);

    /// <summary>Reads a reply.</summary>
    internal async Task<JsonElement> Read(ChatReply reply, CancellationToken cancellationToken) =>
        (await Send(HttpMethod.Get, reply.Path, null, cancellationToken)).Json;

    private static async Task<bool> MoveNext<T>(IAsyncEnumerator<T> events)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task<ProbeStream?> TryOpen(string path, string? lastEvent, CancellationToken cancellationToken)
    {
        try
        {
            return await Open(HttpMethod.Get, path, null, lastEvent, cancellationToken);
        }
        catch (CommandFailedException exception) when (exception.InnerException is HttpRequestException)
        {
            return null;
        }
    }

    private async Task<ProbeStream> Open(HttpMethod method, string path, object? body, string? lastEvent, CancellationToken cancellationToken)
    {
        (string, string)[] headers = lastEvent is null ? [] : [("Last-Event-ID", lastEvent)];
        var stream = await SendOrExplain(() => probe.Open(method, path, Token, body, cancellationToken, headers), cancellationToken);
        if (stream.Response is not { } rejection) return stream;
        stream.Dispose();
        throw Rejected(rejection);
    }

    private async Task<ProbeResponse> Send(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        var response = await SendOrExplain(() => probe.Send(method, path, Token, body, cancellationToken), cancellationToken);
        return response.Status is 200 or 201 ? response : throw Rejected(response);
    }

    private async Task<T> SendOrExplain<T>(Func<Task<T>> send, CancellationToken cancellationToken)
    {
        try
        {
            return await send();
        }
        catch (Exception exception) when (exception is HttpRequestException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new CommandFailedException(probe.Explain(exception), cause: exception);
        }
    }

    private CommandFailedException Rejected(ProbeResponse response) => response switch
    {
        { Code: "" } => NotOrion(response),
        { Status: 401 } => new(
            $"The service rejects the token ({response}). To find out why, run: orion verify {service.Address.GetLeftPart(UriPartial.Authority)}"),
        { Code: "not_authorized" } => new(
            $"{service.User} is not on the allow-list. Name another user with --user, or run: orion users grant {service.User}"),
        { Code: "https_required" } => new("The service requires HTTPS. Name its public address with --url https://…"),
        _ => new($"{Printable.Of(response.Text("detail") ?? "", maxLength: 500)} ({response})"),
    };

    private CommandFailedException NotOrion(ProbeResponse? response) =>
        new($"{service.Address.Authority} returned {response?.ToString() ?? "a stream"}, which is not Orion's response. Correct --url.");

    private JsonElement Parse(string data)
    {
        try
        {
            using var json = JsonDocument.Parse(data);
            return json.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw NotOrion(null);
        }
    }
}

/// <summary>A reply that has begun.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Stream">Its stream, which <see cref="ChatClient.Frames"/> disposes of.</param>
internal sealed record ChatReply(string Path, ProbeStream Stream);
