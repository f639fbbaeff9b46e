using System.Diagnostics.CodeAnalysis;

namespace Orion.Infrastructure.Configuration;

/// <summary>A reason why Orion does not start. No part of it repeats a value.</summary>
/// <param name="Variable">The variable of the setting.</param>
/// <param name="What">The problem as a sentence without its subject, for example "is missing".</param>
/// <param name="Where">Where the value was found, or the places that were searched.</param>
/// <param name="Fix">The fix, as a sentence.</param>
public sealed record SettingProblem(string Variable, string What, string Where, string Fix);

/// <summary>The result of reading the settings: either the settings or all problems.</summary>
/// <param name="Settings">The settings; null if there are problems.</param>
/// <param name="Problems">All reasons why Orion does not start.</param>
/// <param name="Warnings">Warnings for the operator at each start, as sentences without values.</param>
public sealed record SettingsReading(OrionSettings? Settings, IReadOnlyList<SettingProblem> Problems, IReadOnlyList<string> Warnings)
{
    /// <summary>Whether Orion can start.</summary>
    [MemberNotNullWhen(true, nameof(Settings))]
    public bool CanStart => Settings is not null;
}
