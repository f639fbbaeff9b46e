namespace Orion.Infrastructure.Configuration.Rules;

/// <summary>Checks the settings of tokens.</summary>
internal static class TokenRules
{
    /// <summary>The settings. The secret is empty if Development has yet to read or create its own.</summary>
    public static TokenSettings Read(SettingsCheck check)
    {
        var secret = Secret(check, SettingsTable.Secret);
        var previous = Secret(check, SettingsTable.PreviousSecret);
        if (previous is not null)
        {
            if (previous == secret) AddSameSecret(check);
            check.Warn($"{SettingsTable.PreviousSecret.Name} is set, so tokens that were signed with the previous secret are still valid. " +
                "Remove it once they have expired.");
        }

        return new TokenSettings
        {
            Secret = secret ?? "",
            PreviousSecret = previous,
            Issuer = Exact(check, SettingsTable.Issuer),
            Audience = Exact(check, SettingsTable.Audience),
            UserTokenMaxLifetime = TimeSpan.FromSeconds(check.Number(SettingsTable.UserTokenMaxSeconds)),
        };
    }

    /// <summary>Adds the problem that the previous secret is the current one.</summary>
    public static void AddSameSecret(SettingsCheck check) => check.AddProblem(
        SettingsTable.PreviousSecret,
        new($"is the same as {SettingsTable.Secret.Name}", "Remove it, or set the other one to the new secret of the rotation."));

    private static string? Secret(SettingsCheck check, Setting setting)
    {
        if (check.Text(setting) is not { } secret) return null;
        if (SecretRule.Check(secret) is { } error) check.AddProblem(setting, error);
        else if (secret != secret.Trim()) check.Warn($"{setting.Name} begins or ends with a space or line break, which is part of the key.");
        return secret;
    }

    private static string Exact(SettingsCheck check, Setting setting)
    {
        if (check.Text(setting) is not { } text) return "";
        if (string.IsNullOrWhiteSpace(text))
            check.AddProblem(setting, new("is blank", $"Set it, for example {setting.Name}={setting.Example}."));
        else if (text != text.Trim())
            check.Warn($"{setting.Name} begins or ends with a space, which must then also be in every token.");
        return text;
    }
}
