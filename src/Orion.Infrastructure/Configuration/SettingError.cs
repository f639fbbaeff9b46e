namespace Orion.Infrastructure.Configuration;

/// <summary>An error in a value. It never repeats the value, because it may be a secret in the wrong variable.</summary>
/// <param name="What">A sentence without its subject, the variable: "is missing".</param>
/// <param name="Fix">The fix, as a sentence.</param>
internal sealed record SettingError(string What, string Fix);
