using System.Net;
using System.Text.Json;
using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.Models;

/// <summary>The result of a request for the list of models.</summary>
public enum ModelProbeStatus
{
    /// <summary>The API lists its models.</summary>
    Listed,

    /// <summary>The API rejects the key: 401 or 403.</summary>
    KeyRejected,

    /// <summary>There is no such list at the address.</summary>
    NoList,

    /// <summary>No response.</summary>
    Unreachable,
}

/// <summary>What <see cref="ModelProbe"/> found.</summary>
/// <param name="Status">The result.</param>
/// <param name="Detail">A reason in Orion's own words; empty if the API lists its models.</param>
/// <param name="UnknownNames">Those of the configured names that are not in the list.</param>
public sealed record ModelProbeResult(ModelProbeStatus Status, string Detail, IReadOnlyList<string> UnknownNames);

/// <summary>Asks the model's API for its list of models, <c>GET /models</c>.</summary>
public static class ModelProbe
{
    private const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Asks once.</summary>
    /// <param name="settings">A model with an endpoint.</param>
    /// <param name="timeout">The longest time to wait.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public static async Task<ModelProbeResult> Run(ModelSettings settings, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var endpoint = settings.Endpoint ?? throw new ArgumentException("The model has no endpoint.", nameof(settings));
        using var client = new HttpClient(ModelHttp.CreateHandler(endpoint, settings.ApiKey))
        {
            Timeout = timeout,
            MaxResponseContentBufferSize = MaxBytes,
        };
        try
        {
            using var response = await client.GetAsync(new Uri($"{endpoint.ToString().TrimEnd('/')}/models"), cancellationToken);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => Compare(settings.Names, await response.Content.ReadAsByteArrayAsync(cancellationToken)),
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new(ModelProbeStatus.KeyRejected, $"status {(int)response.StatusCode}", []),
                var status => new(ModelProbeStatus.NoList, $"status {(int)status}", []),
            };
        }
        catch (HttpRequestException exception)
        {
            return new(ModelProbeStatus.Unreachable, exception.HttpRequestError.ToString(), []);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(ModelProbeStatus.Unreachable, $"no response within {timeout.TotalSeconds:0} s", []);
        }
    }

    private static ModelProbeResult Compare(IReadOnlyList<string> names, byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var listed = json.RootElement.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()).ToHashSet();
            // Ollama lists a name without a tag as NAME:latest.
            return new(ModelProbeStatus.Listed, "", [.. names.Where(name => !listed.Contains(name) && !listed.Contains($"{name}:latest"))]);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return new(ModelProbeStatus.NoList, "the response is not a list of models", []);
        }
    }
}
