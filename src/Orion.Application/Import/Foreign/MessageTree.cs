using System.Text.Json;

namespace Orion.Application.Import.Foreign;

/// <summary>The messages of a conversation with branches, in the order of the file.</summary>
internal sealed class MessageTree
{
    private readonly Dictionary<string, Node> _nodes = new(StringComparer.Ordinal);

    /// <summary>A message.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="ParentId">The id of the previous message; null for the first one.</param>
    /// <param name="Json">What the file has.</param>
    /// <param name="At">When it was written; null if that is unknown.</param>
    internal sealed record Node(string Id, string? ParentId, JsonElement Json, DateTimeOffset? At);

    internal void Add(Node node) => _nodes[node.Id] = node;

    /// <summary>The branch that was shown last, from the first message on.</summary>
    /// <param name="last">The id of its last message; null or unknown for the branch with the newest message.</param>
    internal IReadOnlyList<Node> Branch(string? last)
    {
        var node = last is null ? null : _nodes.GetValueOrDefault(last);
        // The later one of two at the same time.
        node ??= _nodes.Values.Reverse().MaxBy(other => other.At ?? DateTimeOffset.MinValue);
        var branch = new List<Node>();
        // A parent that follows its own child would never end.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (; node is not null && seen.Add(node.Id); node = node.ParentId is null ? null : _nodes.GetValueOrDefault(node.ParentId)) branch.Add(node);
        branch.Reverse();
        return branch;
    }

    /// <summary>The messages that are not on a branch.</summary>
    internal IEnumerable<Node> Except(IReadOnlyList<Node> branch)
    {
        var ids = branch.Select(node => node.Id).ToHashSet(StringComparer.Ordinal);
        return _nodes.Values.Where(node => !ids.Contains(node.Id));
    }

    /// <summary>Whether two messages have the same parent.</summary>
    internal bool HasBranches() =>
        _nodes.Values.Select(node => node.ParentId).OfType<string>().CountBy(id => id).Any(parent => parent.Value > 1);

    /// <summary>The branch of the last child of each message.</summary>
    internal IReadOnlyList<Node> LastBranch()
    {
        var lastChild = new Dictionary<string, Node>(StringComparer.Ordinal);
        Node? node = null;
        foreach (var child in _nodes.Values)
        {
            if (child.ParentId is not null && _nodes.ContainsKey(child.ParentId)) lastChild[child.ParentId] = child;
            else node = child;
        }

        var branch = new List<Node>();
        // Ends: each node has one parent, and the first has none.
        for (; node is not null; node = lastChild.GetValueOrDefault(node.Id)) branch.Add(node);
        return branch;
    }

    /// <summary>All messages, in the order of the file.</summary>
    internal IReadOnlyList<Node> All() => [.. _nodes.Values];
}
