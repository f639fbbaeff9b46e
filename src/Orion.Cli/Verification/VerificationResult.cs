namespace Orion.Cli.Verification;

/// <summary>The status of a check.</summary>
internal enum CheckStatus
{
    /// <summary>The rule holds.</summary>
    Passed,

    /// <summary>The rule does not hold.</summary>
    Failed,

    /// <summary>The check does not apply to this deployment, or cannot be run from here.</summary>
    Skipped,

    /// <summary>An earlier check failed for a reason that affects this one.</summary>
    NotRun,
}

/// <summary>The result of a check.</summary>
/// <param name="Status">The status.</param>
/// <param name="Detail">What was seen and what to change, in sentences; never a token.</param>
/// <param name="EndsRun">Whether every later check would fail for the same reason.</param>
internal sealed record VerificationResult(CheckStatus Status, string Detail = "", bool EndsRun = false)
{
    /// <summary>The rule holds.</summary>
    internal static VerificationResult Passed { get; } = new(CheckStatus.Passed);

    /// <summary>The check was not run.</summary>
    internal static VerificationResult NotRun { get; } = new(CheckStatus.NotRun, "not run");

    /// <summary>The rule does not hold.</summary>
    internal static VerificationResult Failed(string detail) => new(CheckStatus.Failed, detail);

    /// <summary>The rule does not hold, and no later check can pass.</summary>
    internal static VerificationResult Fatal(string detail) => new(CheckStatus.Failed, detail, EndsRun: true);
}

/// <summary>A check and its result.</summary>
/// <param name="Name">The rule, as a sentence.</param>
/// <param name="Result">The result of the check, which has ended. It is not that of a task: reading it blocks no thread.</param>
/// <param name="Took">How long it took.</param>
internal sealed record CompletedCheck(string Name, VerificationResult Result, TimeSpan Took);
