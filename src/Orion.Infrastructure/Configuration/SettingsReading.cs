using System.Diagnostics.CodeAnalysis;

namespace Orion.Infrastructure.Configuration;

/// <summary>One thing that keeps Orion from starting. No part of it repeats a value.</summary>
/// <param name="Variable">The setting, by its variable.</param>
/// <param name="What">What is wrong; a sentence without its subject: "is missing".</param>
/// <param name="Where">Where the value was found, or every place where it was looked for.</param>
/// <param name="Fix">What to do, in a sentence.</param>
public sealed record SettingProblem(string Variable, string What, string Where, string Fix);

/// <summary>The outcome of reading the settings: all of them, or every problem there is.</summary>
/// <param name="Settings">The settings; null exactly when there are problems.</param>
/// <param name="Problems">Everything that keeps Orion from starting.</param>
/// <param name="Warnings">What an operator should know at each start; sentences without values.</param>
public sealed record SettingsReading(OrionSettings? Settings, IReadOnlyList<SettingProblem> Problems, IReadOnlyList<string> Warnings)
{
    /// <summary>Whether Orion can start.</summary>
    [MemberNotNullWhen(true, nameof(Settings))]
    public bool CanStart => Settings is not null;
}
