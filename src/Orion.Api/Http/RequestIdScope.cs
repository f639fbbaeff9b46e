using System.Collections;

namespace Orion.Api.Http;

/// <summary>The log scope of a request, in a form that text and JSON formatters both support.</summary>
internal sealed class RequestIdScope(string id) : IReadOnlyList<KeyValuePair<string, object?>>
{
    /// <summary>The request's id: 1 to 64 of <c>A-Za-z0-9._-</c>.</summary>
    internal string Id => id;

    public int Count => 1;

    public KeyValuePair<string, object?> this[int index] =>
        index == 0 ? new("RequestId", id) : throw new ArgumentOutOfRangeException(nameof(index));

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        yield return this[0];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => "RequestId:" + id;
}
