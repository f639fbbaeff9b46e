namespace Orion.Cli.Doctor;

/// <summary>How well something is, from the best to the worst.</summary>
internal enum Health
{
    /// <summary>As it should be.</summary>
    Pass,

    /// <summary>It works, and is worth a thought.</summary>
    Warn,

    /// <summary>It does not work, or is not safe.</summary>
    Fail,
}

/// <summary>What was found about one subject.</summary>
/// <param name="Subject">What was looked at.</param>
/// <param name="Health">How well it is.</param>
/// <param name="Found">What was found, without secrets.</param>
/// <param name="Advice">What to do; empty where nothing is to be done.</param>
internal sealed record DoctorResult(string Subject, Health Health, string Found, string Advice = "");
