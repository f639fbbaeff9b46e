namespace Orion.Infrastructure.Configuration;

/// <summary>What is wrong with a value, in words that never repeat the value: it may be a secret that landed in the wrong
/// variable.</summary>
/// <param name="What">Goes on after the variable's name: "is missing".</param>
/// <param name="Fix">A sentence that says what to do.</param>
internal sealed record SettingError(string What, string Fix);
