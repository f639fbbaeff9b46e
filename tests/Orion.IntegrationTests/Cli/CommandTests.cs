using System.Text.Json;

namespace Orion.IntegrationTests.Cli;

/// <summary>Tests of the command line next to a running service, on the service's database.</summary>
public abstract class CommandTests(OrionFixture orion) : OrionTests(orion)
{
    /// <summary>The command line in the folder and with the settings of the test's service.</summary>
    private protected Task<OrionCommand.Ended> Command(params string[] arguments) => Run(Environment(Orion.Database), "", arguments);

    /// <summary>The same with standard input.</summary>
    private protected Task<OrionCommand.Ended> CommandWithInput(string input, params string[] arguments) =>
        Run(Environment(Orion.Database), input, arguments);

    /// <summary>The same with other settings.</summary>
    private protected static Task<OrionCommand.Ended> Run(IReadOnlyDictionary<string, string> environment, string input, params string[] arguments) =>
        OrionCommand.Run(arguments, Path.GetTempPath(), environment, input);

    /// <summary>The settings of a service on that database, as environment variables.</summary>
    internal static Dictionary<string, string> Environment(TestDatabase database, params (string Name, string Value)[] settings)
    {
        var environment = OrionServer.Settings(database).Where(setting => char.IsAsciiLetterUpper(setting.Key[0])).ToDictionary();
        environment.Remove("Logging:Console:LogLevel:Default");
        foreach (var (name, value) in settings) environment[name] = value;
        return environment;
    }

    /// <summary>The JSON report of a command.</summary>
    private protected static JsonElement Json(OrionCommand.Ended ended) => JsonDocument.Parse(ended.Out).RootElement;

    /// <summary>An error is one readable line.</summary>
    private protected static void ShouldBeOneLine(OrionCommand.Ended ended)
    {
        Assert.Empty(ended.Out);
        Assert.StartsWith("orion: ", ended.Error, StringComparison.Ordinal);
        Assert.Single(ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
    }
}
