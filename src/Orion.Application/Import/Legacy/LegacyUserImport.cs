using Orion.Application.Messaging;

namespace Orion.Application.Import.Legacy;

/// <summary>The result of importing one user's legacy sessions.</summary>
public sealed class LegacyUserImport
{
    private const int MaxExamples = 3;

    private readonly SortedDictionary<ImportWarning, WarningExamples> _warnings = [];

    internal LegacyUserImport(Caller caller) => Caller = caller;

    /// <summary>The user.</summary>
    public Caller Caller { get; }

    /// <summary>The user's sessions.</summary>
    public ImportCounts Sessions { get; } = new();

    /// <summary>The user's messages.</summary>
    public ImportCounts Messages { get; } = new();

    /// <summary>The warnings.</summary>
    public IReadOnlyDictionary<ImportWarning, WarningExamples> Warnings => _warnings;

    /// <summary>Counts a warning, and keeps the first few legacy ids.</summary>
    internal void Warn(ImportWarning warning, string legacyId, long count = 1)
    {
        if (!_warnings.TryGetValue(warning, out var examples)) _warnings.Add(warning, examples = new WarningExamples());
        examples.Add(legacyId, count);
    }

    /// <summary>The numbers of found and imported items.</summary>
    public sealed class ImportCounts
    {
        /// <summary>The number in the legacy database.</summary>
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
        private readonly List<string> _legacyIds = [];

        /// <summary>The number of occurrences.</summary>
        public long Count { get; private set; }

        /// <summary>The legacy ids of the first few.</summary>
        public IReadOnlyList<string> LegacyIds => _legacyIds;

        internal void Add(string legacyId, long count)
        {
            Count += count;
            if (_legacyIds.Count < MaxExamples) _legacyIds.Add(legacyId);
        }
    }
}
