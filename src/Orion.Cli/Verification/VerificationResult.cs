namespace Orion.Cli.Verification;

/// <summary>How a check ended.</summary>
internal enum Mark
{
    /// <summary>It holds.</summary>
    Passed,

    /// <summary>It does not hold.</summary>
    Failed,

    /// <summary>The check does not apply to this deployment, or cannot be made from here.</summary>
    Skipped,

    /// <summary>An earlier check failed in a way that decides this one, too.</summary>
    NotRun,
}

/// <summary>The result of a check.</summary>
/// <param name="Mark">How it ended.</param>
/// <param name="Detail">What was seen and what to change, in sentences; never a token.</param>
/// <param name="EndsRun">Whether every later check would fail for the same cause.</param>
internal sealed record VerificationResult(Mark Mark, string Detail = "", bool EndsRun = false)
{
    /// <summary>It holds.</summary>
    internal static VerificationResult Passed { get; } = new(Mark.Passed);

    /// <summary>It was not tried.</summary>
    internal static VerificationResult NotRun { get; } = new(Mark.NotRun, "not run");

    /// <summary>It does not hold.</summary>
    internal static VerificationResult Failed(string detail) => new(Mark.Failed, detail);

    /// <summary>It does not hold, and no later check can.</summary>
    internal static VerificationResult Fatal(string detail) => new(Mark.Failed, detail, EndsRun: true);
}

/// <summary>A check and what came of it.</summary>
/// <param name="Name">The rule, as a sentence.</param>
/// <param name="VerificationResult">What came of it.</param>
/// <param name="Took">How long it took.</param>
internal sealed record Checked(string Name, VerificationResult VerificationResult, TimeSpan Took);
