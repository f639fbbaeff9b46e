using System.Text.RegularExpressions;
using Orion.Infrastructure.Configuration;

namespace Orion.UnitTests.Configuration;

public partial class SettingsTableTests
{
    private static readonly string Root = Path.GetFullPath(EnvFileTests.PathOf("../../../"));

    [Fact]
    public void The_documentation_is_the_table()
    {
        var path = Path.Combine(Root, "docs", "settings.md");
        var text = File.ReadAllText(path);
        var expected = SettingsDocument.Update(text);
        if (Environment.GetEnvironmentVariable("ORION_UPDATE_DOCS") == "1") File.WriteAllText(path, text = expected);

        Assert.True(text == expected, "docs/settings.md differs from SettingsTable: run the unit tests with ORION_UPDATE_DOCS=1 and commit it.");
    }

    [Fact]
    public void The_example_has_every_setting_and_no_other()
    {
        var names = Assignment().Matches(File.ReadAllText(Path.Combine(Root, ".env.example"))).Select(m => m.Groups[1].Value).ToList();

        Assert.Equal(SettingGroups.Settings.Select(s => s.Name).Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public void An_unedited_copy_of_the_example_does_not_start(string environmentName)
    {
        using var place = new TestConfiguration().WithEnvFile(File.ReadAllText(Path.Combine(Root, ".env.example")));

        var reading = place.Read(environmentName);

        Assert.Contains("ORION_SHARED_JWT_SECRET", reading.Problems.Select(p => p.Variable));
        if (environmentName == "Production")
        {
            Assert.Equal(
                ["ORION_SHARED_JWT_SECRET", "JWT_ISSUER", "AUTHORIZED_USER_EMAIL", "ALLOWED_ORIGINS", "DATABASE_URL"],
                reading.Problems.Select(p => p.Variable));
            Assert.All(reading.Problems, problem => Assert.Matches("^is (missing|still (a|the) (placeholder|address))", problem.What));
        }
    }

    [Fact]
    public void The_example_starts_when_its_first_part_is_filled_in_and_all_else_is_uncommented()
    {
        var text = File.ReadAllText(Path.Combine(Root, ".env.example"))
            .Replace("SECRET=changeme", $"SECRET={TestConfiguration.Secret}", StringComparison.Ordinal)
            .Replace("you@example.com", "owner@example.com", StringComparison.Ordinal)
            .Replace("ORIGINS=changeme", "ORIGINS=https://chat.example.com", StringComparison.Ordinal)
            .Replace("JWT_ISSUER=", "JWT_ISSUER=https://chat.example.com", StringComparison.Ordinal)
            .Replace("\nDATABASE_URL=", "\nDATABASE_URL=postgresql://u:p@localhost/d", StringComparison.Ordinal);
        using var place = new TestConfiguration().WithEnvFile(text);
        Assert.Empty(place.Read().Problems);
        Assert.Empty(place.Read().Warnings);

        place.WithEnvFile(Commented().Replace(text, "$1"));
        Assert.Empty(place.Read().Problems);
    }

    [Fact]
    public void Names_are_unique_and_known_to_the_env_file()
    {
        var names = SettingGroups.Settings.SelectMany(s => s.Aliases.Append(s.Name).Append(s.SectionVariable)).ToList();

        Assert.Equal(names.Count, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(names, n => Assert.True(SettingGroups.Contains(n)));
        Assert.False(SettingGroups.Contains("ORION_ENV_FILE"));
        Assert.False(SettingGroups.Contains("jwt_issuer"));
    }

    [GeneratedRegex("^#?([A-Z][A-Z_]+)=", RegexOptions.Multiline)]
    private static partial Regex Assignment();

    [GeneratedRegex("^#([A-Z][A-Z_]+=)", RegexOptions.Multiline)]
    private static partial Regex Commented();
}
