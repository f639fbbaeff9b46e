using Orion.Cli.Reporting;

namespace Orion.Cli.Doctor;

/// <summary>Compares the clock of this machine with those of other servers.</summary>
internal static class ClockChecks
{
    private static readonly TimeSpan NoticeableSkew = TimeSpan.FromSeconds(1);

    // Half of the 60 s that tokens may be ahead.
    private static readonly TimeSpan DangerousSkew = TimeSpan.FromSeconds(30);

    /// <summary>Evaluates the clock of one server.</summary>
    /// <param name="server">The server.</param>
    /// <param name="ahead">How far its clock is ahead of this machine's.</param>
    internal static DoctorResult Evaluate(string server, TimeSpan ahead)
    {
        const string subject = "clocks";
        const string advice = "Synchronize the clocks by NTP: tokens and times depend on them.";
        var skew = ahead.Duration();
        var found = $"{server} is {Measured.Milliseconds(skew)} {(ahead < TimeSpan.Zero ? "behind" : "ahead")}";
        if (skew > DangerousSkew) return new DoctorResult(subject, Health.Fail, found, advice);
        return skew > NoticeableSkew ? new DoctorResult(subject, Health.Warn, found, advice) : new DoctorResult(subject, Health.Pass, found);
    }
}
