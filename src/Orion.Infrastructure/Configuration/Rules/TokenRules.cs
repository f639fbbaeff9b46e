namespace Orion.Infrastructure.Configuration.Rules;

/// <summary>Checks the settings that say how tokens are verified and minted.</summary>
internal static class TokenRules
{
    private const int Year = 31_536_000;

    /// <summary>The settings; the secret is empty where Development has yet to make or read its own.</summary>
    public static TokenSettings Read(SettingsCheck check)
    {
        var secret = Secret(check, SettingsTable.Secret);
        var previous = Secret(check, SettingsTable.PreviousSecret);
        if (previous is not null)
        {
            if (previous == secret) RefuseSame(check);
            check.Warn($"{SettingsTable.PreviousSecret.Name} is set: tokens that the secret before signed still count. " +
                "Remove it once they have run out.");
        }

        return new TokenSettings
        {
            Secret = secret ?? "",
            PreviousSecret = previous,
            Issuer = Exact(check, SettingsTable.Issuer),
            Audience = Exact(check, SettingsTable.Audience),
            UserTokenMaxLifetime = TimeSpan.FromSeconds(check.Number(SettingsTable.UserTokenMaxSeconds, 1, Year)),
        };
    }

    /// <summary>Gathers the problem that the previous secret is the current one.</summary>
    public static void RefuseSame(SettingsCheck check) => check.Refuse(
        SettingsTable.PreviousSecret,
        new($"is the same as {SettingsTable.Secret.Name}", "Remove it, or set the other to the new secret of a rotation."));

    private static string? Secret(SettingsCheck check, Setting setting)
    {
        if (check.Text(setting) is not { } secret) return null;
        if (SecretRule.Check(secret) is { } flaw) check.Refuse(setting, flaw);
        else if (secret != secret.Trim()) check.Warn($"{setting.Name} begins or ends with a blank or line end, which is part of the key.");
        return secret;
    }

    private static string Exact(SettingsCheck check, Setting setting)
    {
        if (check.Text(setting) is not { } text) return "";
        if (string.IsNullOrWhiteSpace(text))
            check.Refuse(setting, new("is blank", $"Set it, for example {setting.Name}={setting.Example}."));
        else if (text != text.Trim())
            check.Warn($"{setting.Name} begins or ends with a blank, which a token must then have, too.");
        return text;
    }
}
