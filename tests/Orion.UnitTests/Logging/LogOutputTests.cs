using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Time.Testing;
using Orion.Api.Http;
using Orion.Api.Logging;

namespace Orion.UnitTests.Logging;

public sealed class LogOutputTests
{
    /// <summary>Characters that can end a line, control a terminal or change the direction of text.</summary>
    public static TheoryData<char> Dangerous =>
    [
        '\0', '\a', '\b', '\t', '\n', '\v', '\f', '\r', '\u001B', '\u007F', '\u0080', '\u0085', '\u009B', '\u009F',
        '\u2028', '\u2029', '\u061C', '\u200E', '\u200F', '\u202A', '\u202B', '\u202C', '\u202D', '\u202E',
        '\u2066', '\u2067', '\u2068', '\u2069',
    ];

    [Theory]
    [MemberData(nameof(Dangerous))]
    public void A_dangerous_character_is_escaped_in_text(char dangerous) =>
        Assert.Equal($"12:34:56.789Z warn  Orion a\\u{(int)dangerous:X4}b\n", Text($"a{dangerous}b"));

    [Theory]
    [MemberData(nameof(Dangerous))]
    public void A_dangerous_character_is_escaped_in_JSON(char dangerous)
    {
        var line = Json($"a{dangerous}b");
        Assert.DoesNotContain(dangerous, line.TrimEnd('\n'));
        Assert.Equal($"a{dangerous}b", JsonDocument.Parse(line).RootElement.GetProperty("Message").GetString());
    }

    [Fact]
    public void Other_text_is_left_as_it_is() =>
        Assert.Equal("12:34:56.789Z warn  Orion Grüße, 日本 😀 \"x\"\n", Text("Grüße, 日本 😀 \"x\""));

    [Fact]
    public void An_unpaired_surrogate_does_not_break_either_format()
    {
        Assert.Contains("a\uD83D", Text("a\uD83D"), StringComparison.Ordinal);
        Assert.Equal("a\uFFFD", JsonDocument.Parse(Json("a\uD83D")).RootElement.GetProperty("Message").GetString());
    }

    [Fact]
    public void A_line_names_its_event_and_its_request() =>
        Assert.Equal(
            "12:34:56.789Z warn  Orion[1001 TokenRejected] (abc) hello\n",
            Text("hello", new EventId(1001, "TokenRejected"), scope: "abc"));

    [Fact]
    public void An_exception_is_indented_so_that_it_cannot_forge_an_entry()
    {
        var text = Text("failed", exception: new InvalidOperationException("x\n12:00:00.000Z info  Orion all is well\r\u001B[2J"));
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines[1..], line => Assert.StartsWith("      ", line, StringComparison.Ordinal));
        Assert.DoesNotContain('\r', text);
        Assert.DoesNotContain('\u001B', text);
    }

    [Fact]
    public void JSON_carries_the_request_id_and_the_time_in_UTC()
    {
        var root = JsonDocument.Parse(Json("hello", scope: "abc")).RootElement;
        Assert.EndsWith("Z", root.GetProperty("Timestamp").GetString(), StringComparison.Ordinal);
        Assert.Equal("abc", root.GetProperty("Scopes")[0].GetProperty("RequestId").GetString());
    }

    [Theory]
    [InlineData("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Critical, false)]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Information, false)]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Warning, true)]
    [InlineData("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.Error, false)]
    [InlineData("Microsoft.EntityFrameworkCore.Query", LogLevel.Error, false)]
    [InlineData("Microsoft.Hosting.Lifetime", LogLevel.Information, true)]
    [InlineData("Orion.Api", LogLevel.Information, true)]
    [InlineData("Orion.Api", LogLevel.Debug, false)]
    public void Frameworks_log_little_by_default(string category, LogLevel level, bool enabled)
    {
        foreach (var development in new[] { true, false })
            Assert.Equal(enabled, IsEnabled(development, category, level));
    }

    [Theory]
    [InlineData("Microsoft.AspNetCore", "Microsoft.AspNetCore.Server.Kestrel")]
    [InlineData("Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.Hosting.Diagnostics")]
    [InlineData("Microsoft.EntityFrameworkCore", "Microsoft.EntityFrameworkCore.Database.Command")]
    [InlineData("Default", "Orion.Api")]
    public void The_configured_level_takes_precedence(string configured, string category) =>
        Assert.True(IsEnabled(false, category, LogLevel.Debug, ("LogLevel:" + configured, "Debug")));

    private static bool IsEnabled(bool development, string category, LogLevel level, params (string Key, string Value)[] settings)
    {
        using var services = Services(development, settings);
        return services.GetRequiredService<ILoggerFactory>().CreateLogger(category).IsEnabled(level);
    }

    private static ServiceProvider Services(bool development, params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .Build();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 12, 34, 56, 789, TimeSpan.Zero));
        return new ServiceCollection()
            .AddSingleton<TimeProvider>(clock)
            .AddLogging(logging => logging.AddConfiguration(configuration).AddOrionLogging(development))
            .BuildServiceProvider();
    }

    private static string Text(string message, EventId id = default, Exception? exception = null, string? scope = null) =>
        Format(true, OrionConsoleFormatter.FormatterName, message, id, exception, scope);

    private static string Json(string message, string? scope = null) =>
        Format(false, ConsoleFormatterNames.Json, message, default, null, scope);

    private static string Format(bool development, string formatter, string message, EventId id, Exception? exception, string? scope)
    {
        using var services = Services(development);
        var scopes = new LoggerExternalScopeProvider();
        if (scope is not null)
            scopes.Push(new RequestIdScope(scope));
        using var writer = new StringWriter();
        services.GetServices<ConsoleFormatter>().Single(candidate => candidate.Name == formatter).Write(
            new LogEntry<string>(LogLevel.Warning, "Orion", id, message, exception, static (state, _) => state), scopes, writer);
        return writer.ToString();
    }
}
