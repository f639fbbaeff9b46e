using Orion.Application.Import.Legacy;
using Orion.Application.Messaging;

namespace Orion.Cli.Import;

/// <summary>What came of one user's sessions in the old service.</summary>
/// <param name="caller">Whose.</param>
internal sealed class UserImportSummary(Caller caller)
{
    private const int MaxExamples = 3;

    private readonly SortedDictionary<ImportWarning, WarningExamples> _remarks = [];

    internal Caller Caller => caller;

    internal Tally Sessions { get; } = new();

    internal Tally Messages { get; } = new();

    internal IReadOnlyDictionary<ImportWarning, WarningExamples> Remarks => _remarks;

    /// <summary>Keeps count of a remark, and the first few ids.</summary>
    internal void Note(ImportWarning remark, string oldId, long count = 1)
    {
        if (!_remarks.TryGetValue(remark, out var remarked)) _remarks.Add(remark, remarked = new WarningExamples());
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
    internal sealed class WarningExamples
    {
        internal long Count { get; set; }

        internal List<string> Examples { get; } = [];
    }
}
