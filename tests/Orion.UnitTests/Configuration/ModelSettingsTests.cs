using Orion.Application.Replies;

namespace Orion.UnitTests.Configuration;

public class ModelSettingsTests
{
    [Fact]
    public void Development_has_the_demonstration_and_production_has_no_model()
    {
        using var place = TestConfiguration.Working();

        var demo = place.Settings("Development").Model;
        Assert.NotNull(demo);
        Assert.Null(demo.Endpoint);
        Assert.Equal(["demo"], demo.Names);
        Assert.Null(place.Settings().Model);
        Assert.Equal(new ReplyLimits(null, 100_000, TimeSpan.FromSeconds(600), 4), place.Settings().Replies);
    }

    [Fact]
    public void The_demonstration_prevents_the_start_in_production()
    {
        using var place = TestConfiguration.Working().With("MODEL_URL", "builtin:demo");

        Assert.Equal("MODEL_URL", place.Problem().Variable);
        Assert.NotNull(place.Settings("Development").Model);
    }

    [Fact]
    public void All_settings_of_a_model_reach_it()
    {
        using var place = Model("https://api.example.com/v1").With("MODEL_API_KEY", " sk-0123 ").With("MODEL_NAMES", " a , b/c:2b,, a")
            .With("MODEL_SYSTEM_PROMPT", "Be brief.").With("MODEL_CONTEXT_CHARACTERS", "5000").With("MODEL_STALL_SECONDS", "7")
            .With("REPLY_MAX_SECONDS", "8").With("REPLIES_PER_USER", "9");

        var settings = place.Settings();

        Assert.Empty(place.Read().Warnings);
        Assert.Equal(new Uri("https://api.example.com/v1"), settings.Model!.Endpoint);
        Assert.Equal("sk-0123", settings.Model.ApiKey);
        Assert.Equal(["a", "b/c:2b"], settings.Model.Names);
        Assert.Equal(TimeSpan.FromSeconds(7), settings.Model.StallTimeout);
        Assert.Equal(new ReplyLimits("Be brief.", 5000, TimeSpan.FromSeconds(8), 9), settings.Replies);
        Assert.DoesNotContain("sk-0123", $"{settings.Model} {settings}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://api.openai.com/v1")]
    [InlineData("HTTPS://api.example.com")]
    [InlineData("https://203.0.113.7:8443/v1/")]
    [InlineData("http://localhost:11434/v1")]
    [InlineData("http://127.0.0.1:11434/v1")]
    [InlineData("http://[::1]:11434/v1")]
    [InlineData("http://10.1.2.3/v1")]
    [InlineData("http://172.16.0.1/v1")]
    [InlineData("http://172.31.255.255/v1")]
    [InlineData("http://192.168.1.20:1234/v1")]
    [InlineData("http://[fd12:3456::1]/v1")]
    [InlineData("http://ollama:11434/v1")]
    [InlineData("http://host.docker.internal:11434/v1")]
    [InlineData("http://nas/v1@example.com/")]
    [InlineData("http://nas.local/v1")]
    [InlineData("http://NAS.LOCAL./v1")]
    [InlineData("http://ollama.ai.svc/v1")]
    [InlineData("http://ollama.ai.svc.cluster.local/v1")]
    [InlineData("http://ollama.ai.svc.cluster.example.com/v1")]
    [InlineData("http://ollama-0.ollama.ai.svc.example.com/v1")]
    public void An_address_is_accepted(string url)
    {
        using var place = Model(url);

        Assert.Equal(new Uri(url), place.Settings().Model!.Endpoint);
    }

    [Theory]
    [InlineData("http://api.openai.com/v1")]
    [InlineData("http://8.8.8.8/v1")]
    [InlineData("http://172.15.0.1/v1")]
    [InlineData("http://172.32.0.1/v1")]
    [InlineData("http://192.169.0.1/v1")]
    [InlineData("http://169.254.169.254/v1")]
    [InlineData("http://134744072/v1")]
    [InlineData("http://[2001:db8::1]/v1")]
    [InlineData("http://local.example.com/v1")]
    [InlineData("http://ollama.svc.example.com/v1")]
    [InlineData("http://a.b.c.d.svc.example.com/v1")]
    [InlineData("http://examplelocal.com/v1")]
    [InlineData("https://user:hunter2@api.example.com/v1")]
    [InlineData("https://hunter2@api.example.com/v1")]
    [InlineData("https://@api.example.com/v1")]
    [InlineData("https://api.example.com/v1?api-version=hunter2")]
    [InlineData("https://api.example.com/v1?")]
    [InlineData("https://api.example.com/v1#hunter2")]
    [InlineData("https://api.example.com/v1/chat/completions")]
    [InlineData("https://api.example.com/hunter 2")]
    [InlineData("https://api.example.com\\@evil.example/v1")]
    [InlineData("https://")]
    [InlineData("https:/api.example.com")]
    [InlineData("ftp://api.example.com/v1")]
    [InlineData("file:///etc/passwd")]
    [InlineData("api.example.com/v1")]
    [InlineData("builtin:other")]
    [InlineData("sk-hunter2")]
    public void An_address_is_rejected_without_repeating_it(string url)
    {
        using var place = Model(url);

        var problem = place.Problem();

        Assert.Equal("MODEL_URL", problem.Variable);
        Assert.DoesNotContain("hunter2", problem.ToString(), StringComparison.Ordinal);
        Assert.Equal("MODEL_URL", place.Problem("Development").Variable);
    }

    [Fact]
    public void A_model_needs_names()
    {
        using var place = Model("https://api.example.com/v1").With("MODEL_NAMES", null);

        Assert.Equal("MODEL_NAMES", place.Problem().Variable);
        Assert.Equal("MODEL_NAMES", place.With("MODEL_NAMES", " , ").Problem("Development").Variable);
        Assert.Equal("MODEL_NAMES", place.With("MODEL_NAMES", "a,modèle").Problem().Variable);
        Assert.Equal("MODEL_NAMES", place.With("MODEL_NAMES", new string('a', 129)).Problem().Variable);
    }

    [Theory]
    [InlineData("sk 0123")]
    [InlineData("sk-0123\nX-Other: 1")]
    [InlineData("schlüssel")]
    public void A_key_that_no_header_can_carry_is_rejected_without_repeating_it(string key)
    {
        using var place = Model("https://api.example.com/v1").With("MODEL_API_KEY", key);

        var problem = place.Problem();

        Assert.Equal("MODEL_API_KEY", problem.Variable);
        Assert.DoesNotContain(key[..3], $"{problem.What} {problem.Fix}", StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_and_the_system_prompt_can_be_in_files()
    {
        using var place = Model("https://api.example.com/v1");
        var (key, prompt) = (Path.Combine(place.Folder, "key"), Path.Combine(place.Folder, "prompt"));
        File.WriteAllText(key, "sk-0123\n");
        File.WriteAllText(prompt, "Be brief.\nBe kind.\n");
        place.With("MODEL_API_KEY_FILE", key).With("MODEL_SYSTEM_PROMPT_FILE", prompt);

        var settings = place.Settings();

        Assert.Equal("sk-0123", settings.Model!.ApiKey);
        Assert.Equal("Be brief.\nBe kind.", settings.Replies.SystemPrompt);
        Assert.Equal("MODEL_API_KEY_FILE", place.With("MODEL_API_KEY", "sk-0123").Problem().Variable);
    }

    [Fact]
    public void A_key_and_names_without_a_model_are_ignored_with_a_warning()
    {
        using var place = TestConfiguration.Working().With("MODEL_API_KEY", "sk-0123").With("MODEL_NAMES", "a");

        Assert.Null(place.Settings().Model);
        Assert.Collection(
            place.Read().Warnings,
            warning => Assert.StartsWith("MODEL_API_KEY is set without MODEL_URL", warning, StringComparison.Ordinal),
            warning => Assert.StartsWith("MODEL_NAMES is set without MODEL_URL", warning, StringComparison.Ordinal));
        Assert.Null(place.Settings("Development").Model!.ApiKey);
    }

    [Theory]
    [InlineData("MODEL_CONTEXT_CHARACTERS", "1", "10000000", "0", "10000001", "1e5")]
    [InlineData("MODEL_STALL_SECONDS", "1", "86400", "0", "86401")]
    [InlineData("REPLY_MAX_SECONDS", "1", "86400", "0", "86401")]
    [InlineData("REPLIES_PER_USER", "1", "1000", "0", "1001", "tcp://10.0.0.1:80")]
    public void Numbers_are_whole_and_in_their_range(string name, string least, string most, params string[] rejected)
    {
        Assert.All([least, most], value =>
        {
            using var place = TestConfiguration.Working().With(name, value);
            place.Settings();
        });
        Assert.All(rejected, value =>
        {
            using var place = TestConfiguration.Working().With(name, value);
            Assert.Equal(name, place.Problem().Variable);
        });
    }

    [Fact]
    public void A_system_prompt_that_fills_the_context_is_a_warning()
    {
        using var place = TestConfiguration.Working().With("MODEL_SYSTEM_PROMPT", "12345").With("MODEL_CONTEXT_CHARACTERS", "5");

        place.Settings();

        Assert.Contains("MODEL_CONTEXT_CHARACTERS", Assert.Single(place.Read().Warnings), StringComparison.Ordinal);
    }

    private static TestConfiguration Model(string url) => TestConfiguration.Working().With("MODEL_URL", url).With("MODEL_NAMES", "a");
}
