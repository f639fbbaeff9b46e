namespace Orion.Cli.Doctor;

/// <summary>The severity of a result, from the best to the worst.</summary>
internal enum Health
{
    /// <summary>No problem.</summary>
    Pass,

    /// <summary>It works, but may cause problems.</summary>
    Warn,

    /// <summary>It does not work, or is not safe.</summary>
    Fail,
}

/// <summary>The result of a check.</summary>
/// <param name="Subject">What was checked.</param>
/// <param name="Health">The severity.</param>
/// <param name="Found">What was found, without secrets.</param>
/// <param name="Advice">What to do; empty if nothing is to be done.</param>
internal sealed record DoctorResult(string Subject, Health Health, string Found, string Advice = "");
