using Orion.Application.Messaging;

namespace Orion.Application.Import;

/// <summary>The result of importing the sessions of one user.</summary>
public sealed class UserImport
{
    private const int MaxExamples = 3;

    private readonly SortedDictionary<ImportWarning, WarningExamples> _warnings = [];

    internal UserImport(Caller caller) => Caller = caller;

    /// <summary>The user.</summary>
    public Caller Caller { get; }

    /// <summary>The user's sessions.</summary>
    public ImportCounts Sessions { get; } = new();

    /// <summary>The user's messages.</summary>
    public ImportCounts Messages { get; } = new();

    /// <summary>The warnings.</summary>
    public IReadOnlyDictionary<ImportWarning, WarningExamples> Warnings => _warnings;

    /// <summary>Counts a warning, and keeps the first few source ids.</summary>
    internal void Warn(ImportWarning warning, string sourceId, long count = 1)
    {
        if (!_warnings.TryGetValue(warning, out var examples)) _warnings.Add(warning, examples = new WarningExamples());
        examples.Add(sourceId, count);
    }

    /// <summary>The numbers of found and imported items.</summary>
    public sealed class ImportCounts
    {
        /// <summary>The number in the source.</summary>
        public long Found { get; internal set; }

        /// <summary>The number that did not exist here before.</summary>
        public long Added { get; internal set; }

        /// <summary>The number that existed here before.</summary>
        public long Existing { get; internal set; }

        /// <summary>The number that exists here now.</summary>
        public long Present => Added + Existing;

        /// <summary>The number that was not imported.</summary>
        public long Skipped => Found - Present;
    }

    /// <summary>How often a warning occurred.</summary>
    public sealed class WarningExamples
    {
        private readonly List<string> _sourceIds = [];

        /// <summary>The number of occurrences.</summary>
        public long Count { get; private set; }

        /// <summary>The source ids of the first few.</summary>
        public IReadOnlyList<string> SourceIds => _sourceIds;

        internal void Add(string sourceId, long count)
        {
            Count += count;
            if (_sourceIds.Count < MaxExamples) _sourceIds.Add(sourceId);
        }
    }
}
