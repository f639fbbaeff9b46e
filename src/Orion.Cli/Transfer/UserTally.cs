using Orion.Application.Requests;
using Orion.Application.Transfer;

namespace Orion.Cli.Transfer;

/// <summary>What came of one user's sessions in the old service.</summary>
/// <param name="caller">Whose.</param>
internal sealed class UserTally(Caller caller)
{
    private const int MaxExamples = 3;

    private readonly SortedDictionary<Remark, Remarked> _remarks = [];

    internal Caller Caller => caller;

    internal Tally Sessions { get; } = new();

    internal Tally Messages { get; } = new();

    internal IReadOnlyDictionary<Remark, Remarked> Remarks => _remarks;

    /// <summary>Keeps count of a remark, and the first few ids.</summary>
    internal void Note(Remark remark, string oldId, long count = 1)
    {
        if (!_remarks.TryGetValue(remark, out var remarked)) _remarks.Add(remark, remarked = new Remarked());
        remarked.Count += count;
        if (remarked.Examples.Count < MaxExamples) remarked.Examples.Add(oldId);
    }

    /// <summary>How many there were, and what became of them.</summary>
    internal sealed class Tally
    {
        internal long Found { get; set; }

        internal long Added { get; set; }

        internal long WereHere { get; set; }

        internal long Here => Added + WereHere;

        internal long Left => Found - Added - WereHere;
    }

    /// <summary>How often something was remarked.</summary>
    internal sealed class Remarked
    {
        internal long Count { get; set; }

        internal List<string> Examples { get; } = [];
    }
}
