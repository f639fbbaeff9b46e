namespace Orion.Cli.Verification;

/// <summary>How a check ended.</summary>
internal enum Mark
{
    /// <summary>It holds.</summary>
    Passed,

    /// <summary>It does not hold.</summary>
    Failed,

    /// <summary>There is nothing to check here.</summary>
    Skipped,
}

/// <summary>What came of a check.</summary>
/// <param name="Mark">How it ended.</param>
/// <param name="Detail">What was seen, in a sentence; never a token.</param>
internal sealed record Finding(Mark Mark, string Detail = "")
{
    /// <summary>It holds.</summary>
    internal static Finding Passed { get; } = new(Mark.Passed);

    /// <summary>It does not hold.</summary>
    internal static Finding Failed(string detail) => new(Mark.Failed, detail);
}

/// <summary>A check and what came of it.</summary>
/// <param name="Name">The rule, as a sentence.</param>
/// <param name="Finding">What came of it.</param>
/// <param name="Took">How long it took.</param>
internal sealed record Checked(string Name, Finding Finding, TimeSpan Took);
