namespace Orion.Infrastructure.Configuration;

/// <summary>What is wrong with a value. Never repeats the value, because it may be a secret in the wrong variable.</summary>
/// <param name="What">A sentence without its subject, the variable: "is missing".</param>
/// <param name="Fix">A sentence that says what to do.</param>
internal sealed record SettingError(string What, string Fix);
