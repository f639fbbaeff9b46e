namespace Orion.IntegrationTests.Fixtures;

/// <summary>Sends each request to the next instance, as a load balancer without affinity does.</summary>
internal sealed class RoundRobin(IReadOnlyList<Uri> instances, HttpMessageHandler connections) : DelegatingHandler(connections)
{
    private int _requests = -1;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var instance = instances[(int)((uint)Interlocked.Increment(ref _requests) % instances.Count)];
        request.RequestUri = new UriBuilder(request.RequestUri!) { Port = instance.Port }.Uri;
        return base.SendAsync(request, cancellationToken);
    }
}
