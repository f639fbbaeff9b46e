using System.Net;

namespace Orion.Infrastructure.Models;

/// <summary>
/// Checks the response of the model before the library reads it: its status, its type, its size, and the silence before and within it. The
/// library retries, ignores a wrong type, and puts the provider's message into its exceptions.
/// </summary>
internal sealed class ModelResponseHandler(StallLimit stall, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string EventStream = "text/event-stream";
    private const int MaxErrorBytes = 64 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await stall.Wait(async token => await base.SendAsync(request, token), cancellationToken);
        try
        {
            if (!response.IsSuccessStatusCode) throw Failure(response.StatusCode, await ReadError(response, cancellationToken));
            if (response.Content.Headers.ContentType?.MediaType is not { } type || !type.Equals(EventStream, StringComparison.OrdinalIgnoreCase))
                throw new ModelUnavailableException($"The provider's response is not an event stream{await ReadError(response, cancellationToken)}.");

            var stream = new ModelResponseStream(await response.Content.ReadAsStreamAsync(cancellationToken), stall);
            var content = new StreamContent(stream);
            foreach (var (name, values) in response.Content.Headers) content.Headers.TryAddWithoutValidation(name, values);
            response.Content = content;
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private static Exception Failure(HttpStatusCode status, string error)
    {
        var reason = $"The provider responded with status {(int)status}{error}.";
        return (int)status switch
        {
            429 => new ModelBusyException(reason),
            408 => new ModelUnavailableException(reason),
            >= 300 and < 500 => new ModelRefusedException(reason),
            _ => new ModelUnavailableException(reason),
        };
    }

    private async Task<string> ReadError(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            var buffer = new byte[MaxErrorBytes];
            var length = await stall.Wait(token => body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, token), cancellationToken);
            return ProviderError.Describe(buffer.AsMemory(0, length));
        }
        catch (Exception e) when (e is IOException or HttpRequestException or ModelTimeoutException)
        {
            return "";
        }
    }
}
