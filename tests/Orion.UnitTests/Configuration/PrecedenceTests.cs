using System.Text;
using Microsoft.Extensions.Configuration;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Configuration.DotEnv;

namespace Orion.UnitTests.Configuration;

public class PrecedenceTests
{
    [Fact]
    public void The_environment_overrides_the_file_and_the_file_overrides_appsettings()
    {
        using var place = TestConfiguration.Working();
        place.AppSettings["PORT"] = "1111";
        Assert.Equal(1111, place.Settings().Port);
        Assert.Equal(2222, place.WithEnvFile("PORT=2222").Settings().Port);
        Assert.Equal(3333, place.With("PORT", "3333").Settings().Port);
    }

    [Fact]
    public void The_environment_overrides_the_file_in_any_spelling()
    {
        using var place = TestConfiguration.Working().With("JWT_ISSUER", null).WithEnvFile("JWT_ISSUER=https://file.example.com");

        Assert.Equal("https://file.example.com", place.Settings().Tokens.Issuer);
        Assert.Equal("https://section.example.com", place.With("Jwt__Issuer", "https://section.example.com").Settings().Tokens.Issuer);
        Assert.Equal("https://alias.example.com", place.With("ORION_SHARED_JWT_ISS", "https://alias.example.com").Settings().Tokens.Issuer);
        Assert.Equal("https://name.example.com", place.With("JWT_ISSUER", "https://name.example.com").Settings().Tokens.Issuer);
    }

    [Fact]
    public void Two_spellings_that_differ_in_one_source_are_a_warning()
    {
        using var place = TestConfiguration.Working().With("ORION_SHARED_JWT_ISS", "https://alias.example.com");
        Assert.Contains("ORION_SHARED_JWT_ISS", Assert.Single(place.Read().Warnings), StringComparison.Ordinal);

        place.With("ORION_SHARED_JWT_ISS", place.Variables["JWT_ISSUER"]);
        Assert.Empty(place.Read().Warnings);
    }

    [Fact]
    public void Every_setting_has_a_section_name_that_works()
    {
        using var place = new TestConfiguration();
        foreach (var (name, value) in TestConfiguration.Working().Variables)
            place.With(SettingGroups.Settings.Single(s => s.Name == name).SectionVariable, value);
        place.With("Jwt__Audience", "other").With("RateLimit__MaxRequests", "5")
            .With("Server__TrustedProxies", "10.0.0.0/8").With("Database__PoolSize", "3");

        var settings = place.Settings();

        Assert.Equal(TestConfiguration.Secret, settings.Tokens.Secret);
        Assert.Equal("other", settings.Tokens.Audience);
        Assert.Equal(5, settings.RateLimit.MaxRequests);
        Assert.Contains("Maximum Pool Size=3", settings.Database.ConnectionString, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_value_counts_as_absent()
    {
        using var place = TestConfiguration.Working().With("PORT", "").With("DB_POOL_SIZE", "  ").WithEnvFile("PORT=2222");
        Assert.Equal(2222, place.Settings().Port);

        Assert.Contains("missing", place.With("JWT_ISSUER", "").Problem().What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(",")]
    public void Only_the_origins_may_be_empty_and_that_overrides_the_file(string value)
    {
        using var place = TestConfiguration.Working().With("ALLOWED_ORIGINS", value).WithEnvFile("ALLOWED_ORIGINS=https://file.example.com");

        Assert.Empty(place.Settings().AllowedOrigins);
        Assert.Empty(place.Settings("Development").AllowedOrigins);
    }

    [Fact]
    public void Lists_are_arrays_in_json()
    {
        using var place = TestConfiguration.Working().With("ALLOWED_ORIGINS", null);
        const string Json = """{ "Cors": { "AllowedOrigins": ["https://a.example.com", "https://b.example.com"] }, "Server": { "TrustedProxies": ["10.0.0.0/8"], "Port": 4000 } }""";
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(Json));
        var configuration = new ConfigurationBuilder().AddJsonStream(stream).AddInMemoryCollection(place.Variables).Build();

        var settings = SettingsReader.Read(configuration, "Production", place.Folder).Settings!;

        Assert.Equal(["https://a.example.com", "https://b.example.com"], settings.AllowedOrigins);
        Assert.Equal("10.0.0.0/8", Assert.Single(settings.TrustedProxies).ToString());
        Assert.Equal(4000, settings.Port);
    }

    [Fact]
    public void An_empty_array_of_origins_in_json_is_an_empty_list()
    {
        using var place = TestConfiguration.Working().With("ALLOWED_ORIGINS", null);
        using var stream = new MemoryStream("""{ "Cors": { "AllowedOrigins": [] } }"""u8.ToArray());
        var configuration = new ConfigurationBuilder().AddJsonStream(stream).AddInMemoryCollection(place.Variables).Build();

        Assert.Empty(SettingsReader.Read(configuration, "Production", place.Folder).Settings!.AllowedOrigins);
    }

    [Fact]
    public void Sources_in_a_chained_configuration_keep_their_order()
    {
        using var place = TestConfiguration.Working().With("JWT_ISSUER", null)
            .With("Jwt__Issuer", "https://section.example.com").WithEnvFile("JWT_ISSUER=https://file.example.com");
        var configuration = new ConfigurationBuilder().AddConfiguration(place.Configuration("Production")).Build();

        Assert.Equal("https://section.example.com", SettingsReader.Read(configuration, "Production", place.Folder).Settings!.Tokens.Issuer);
    }

    [Fact]
    public void A_message_names_the_source_of_a_wrong_value()
    {
        using var place = TestConfiguration.Working().WithEnvFile("PORT=x");
        Assert.Equal(place.EnvFilePath, place.Problem().Where);

        File.WriteAllText(Path.Combine(place.Folder, "appsettings.json"), """{ "PORT": "x" }""");
        var configuration = new ConfigurationBuilder().SetBasePath(place.Folder).AddJsonFile("appsettings.json").AddInMemoryCollection(place.Variables).Build();
        var problem = Assert.Single(SettingsReader.Read(configuration, "Production", place.Folder).Problems);
        Assert.Equal(Path.Combine(place.Folder, "appsettings.json"), problem.Where);
    }

    [Fact]
    public void Real_environment_variables_and_the_command_line_override_the_file()
    {
        // No other test reads the real environment.
        using var place = TestConfiguration.Working().WithEnvFile("MAX_CONNECTIONS=1\nRATE_LIMIT_MAX_REQUESTS=1");
        var before = Environment.GetEnvironmentVariable("Server__MaxConnections");
        try
        {
            Environment.SetEnvironmentVariable("Server__MaxConnections", "77");
            var configuration = (IConfigurationRoot)new ConfigurationManager().AddInMemoryCollection(place.Variables).AddEnvironmentVariables()
                .AddCommandLine(["--RateLimit:MaxRequests=88"]).AddOrionEnvFile("Production", place.Folder, _ => null);

            var settings = SettingsReader.Read(configuration, "Production", place.Folder).Settings!;

            Assert.Equal((77, 88), (settings.MaxConnections, settings.RateLimit.MaxRequests));
        }
        finally
        {
            Environment.SetEnvironmentVariable("Server__MaxConnections", before);
        }
    }
}
