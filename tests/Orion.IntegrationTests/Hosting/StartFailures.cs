using System.Globalization;

namespace Orion.IntegrationTests.Hosting;

/// <summary>The messages of a failed start: contract, section 1.</summary>
public sealed class StartFailures : IDisposable
{
    private const string WeakSecret = "changeme-changeme-changeme-changeme-0123";
    private const string Password = "hunter2-in-the-url";
    private readonly string _folder = Directory.CreateTempSubdirectory("orion-start-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task One_message_lists_every_problem_and_the_process_ends()
    {
        var ended = await Start();

        Assert.NotEqual(0, ended.ExitCode);
        foreach (var name in (string[])["ORION_SHARED_JWT_SECRET", "JWT_ISSUER", "AUTHORIZED_USER_EMAIL", "ALLOWED_ORIGINS", "DATABASE_URL"])
        {
            Assert.Contains(name, ended.Output, StringComparison.Ordinal);
        }

        Assert.Contains(Path.Combine(_folder, ".env"), ended.Output, StringComparison.Ordinal);
        ShouldBeReadable(ended);
    }

    [Theory]
    [InlineData("ORION_SHARED_JWT_SECRET", WeakSecret)]
    [InlineData("ORION_SHARED_JWT_SECRET", "short")]
    [InlineData("ORION_SHARED_JWT_SECRET", "your_secret_goes_here_and_is_long_enough")]
    [InlineData("ORION_SHARED_JWT_SECRET", "abababababababababababababababababababab")]
    [InlineData("ORION_SHARED_JWT_SECRET_PREVIOUS", TestToken.SharedSecret)]
    [InlineData("ORION_SHARED_JWT_SECRET_PREVIOUS", "short")]
    [InlineData("USER_TOKEN_MAX_SECONDS", "0")]
    [InlineData("USER_TOKEN_MAX_SECONDS", "a day")]
    [InlineData("AUTHORIZED_USER_EMAIL", "you@example.com")]
    [InlineData("AUTHORIZED_USER_EMAIL", "a@example.com,b@example.com")]
    [InlineData("ALLOWED_ORIGINS", "*")]
    [InlineData("ALLOWED_ORIGINS", "https://*.example.com")]
    [InlineData("ALLOWED_ORIGINS", "https://app.example.com/")]
    [InlineData("ALLOWED_ORIGINS", "https://app.example.com/path")]
    [InlineData("ALLOWED_ORIGINS", "https://App.example.com")]
    [InlineData("ALLOWED_ORIGINS", "https://app.example.com:443")]
    [InlineData("ALLOWED_ORIGINS", "http://app.example.com")]
    [InlineData("ALLOWED_ORIGINS", "null")]
    [InlineData("RATE_LIMIT_MAX_REQUESTS", "0")]
    [InlineData("RATE_LIMIT_WINDOW_SECONDS", "-1")]
    [InlineData("RATE_LIMIT_USER_MAX_REQUESTS", "many")]
    [InlineData("DATABASE_URL", "mysql://localhost/x")]
    [InlineData("DATABASE_URL", $"postgresql://orion:{Password}@db.example.com/x?sslmode=prefer")]
    [InlineData("DATABASE_URL", $"postgresql://orion:{Password}@db.example.com:99999/x")]
    [InlineData("DB_POOL_SIZE", "0")]
    [InlineData("REQUIRE_HTTPS", "maybe")]
    [InlineData("TRUSTED_PROXIES", "0.0.0.0/0")]
    [InlineData("TRUSTED_PROXIES", "example.com")]
    [InlineData("MAX_CONNECTIONS", "none")]
    [InlineData("ASPNETCORE_FORWARDEDHEADERS_ENABLED", "true")]
    [InlineData("PORT", "70000")]
    public async Task A_setting_that_is_wrong_is_named(string name, string value)
    {
        var ended = await Start([.. Complete(), (name, value)]);

        Assert.NotEqual(0, ended.ExitCode);
        Assert.Contains(name, ended.Output, StringComparison.Ordinal);
        ShouldBeReadable(ended);
    }

    /// <summary>Settings that a library reads. Without Orion's check, an invalid one would cause a stack trace and SIGABRT.</summary>
    [Theory]
    [InlineData("ASPNETCORE_URLS", "http://192.0.2.9:3999")]
    [InlineData("ASPNETCORE_URLS", "http://127.0.0.1:99999")]
    [InlineData("ASPNETCORE_URLS", "nonsense")]
    [InlineData("ASPNETCORE_URLS", "http://127.0.0.1:0/path")]
    [InlineData("ASPNETCORE_URLS", "https://127.0.0.1:0")]
    [InlineData("METRICS_ADDRESS", "192.0.2.9")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "Authorization: Basic x")]
    [InlineData("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere/ca.pem")]
    [InlineData("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/nowhere/client.pem")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "carrier pigeon")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL", "0")]
    [InlineData("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "9000")]
    [InlineData("OTEL_TRACES_SAMPLER", "sometimes")]
    [InlineData("Logging__LogLevel__Default", "nonsense")]
    [InlineData("Kestrel__Endpoints__Here__Url", "http://192.0.2.9:3999")]
    [InlineData("Kestrel__Endpoints__Here__Url", "nonsense")]
    [InlineData("Kestrel__Certificates__Default__Path", "/nowhere/cert.pem")]
    public async Task An_invalid_setting_of_a_library_is_reported_in_the_same_form(string name, string value)
    {
        List<(string Name, string Value)> settings = [.. Complete().Where(setting => setting.Name != "PORT")];
        settings.AddRange([("ASPNETCORE_URLS", "http://127.0.0.1:0"), ("METRICS_PORT", PostgresCluster.FreePort().ToString(CultureInfo.InvariantCulture))]);
        settings.AddRange([("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"), (name, value)]);

        var ended = await Start([.. settings]);

        Assert.Equal(78, ended.ExitCode);
        Assert.Contains($"1. {name} ", ended.Output, StringComparison.Ordinal);
        Assert.Contains(": 1 problem ", ended.Output, StringComparison.Ordinal);
        ShouldBeReadable(ended);
    }

    [Fact]
    public async Task A_port_that_an_ordinary_account_may_not_open_is_named()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root can start Orion as another account.");
        var environment = Complete().ToDictionary(setting => setting.Name, setting => setting.Value);
        environment["PORT"] = "81";
        environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        environment["DATABASE_URL"] = "postgresql://orion@127.0.0.1:1/orion";

        var ended = await OrionProcess.RunToItsEnd(Path.GetTempPath(), environment, account: 65534);

        Assert.Equal(78, ended.ExitCode);
        Assert.Contains("1. PORT uses port 81, which this account may not open", ended.Output, StringComparison.Ordinal);
        ShouldBeReadable(ended);
    }

    [Fact]
    public async Task A_settings_file_that_is_not_JSON_is_named_without_its_content()
    {
        var file = Path.Combine(_folder, "appsettings.json");
        await File.WriteAllTextAsync(file, "{\n  \"Jwt\": hunter2\n}", TestContext.Current.CancellationToken);

        var ended = await Start([.. Complete()]);

        Assert.Equal(78, ended.ExitCode);
        Assert.Contains("appsettings.json is not valid JSON, see line 2", ended.Output, StringComparison.Ordinal);
        Assert.Contains(file, ended.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", ended.Output, StringComparison.Ordinal);
        ShouldBeReadable(ended);
    }

    [Fact]
    public async Task An_env_file_that_others_can_write_is_rejected()
    {
        var file = Path.Combine(_folder, ".env");
        await File.WriteAllTextAsync(file, "PORT=3002\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite);

        var ended = await Start([.. Complete().Where(setting => setting.Name != "ORION_ENV_FILE")]);

        Assert.NotEqual(0, ended.ExitCode);
        Assert.Contains(file, ended.Output, StringComparison.Ordinal);
        ShouldBeReadable(ended);
    }

    [Theory]
    [InlineData("as Kubernetes mounts it", true)]
    [InlineData("target of another account", false)]
    [InlineData("folder that Orion can write to", false)]
    [InlineData("target that Orion can write to", false)]
    public async Task A_link_is_accepted_if_only_root_can_change_its_target(string kind, bool isAccepted)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root can start Orion as another account.");
        const uint account = 65534;
        var file = MountSecret();
        var target = Path.Combine(_folder, "..2026", ".env");
        await Shell(kind switch
        {
            "target of another account" => $"chown 1 {target}",
            "folder that Orion can write to" => $"chown {account} {_folder}/..2026",
            "target that Orion can write to" => $"chgrp {account} {target}; chmod 664 {target}",
            _ => "true",
        });

        var environment = Complete().ToDictionary(setting => setting.Name, setting => setting.Value);
        environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        environment["ORION_ENV_FILE"] = file;
        environment["DATABASE_URL"] = "postgresql://orion@localhost/orion";
        var ended = await OrionProcess.RunToItsEnd(_folder, environment, account);

        // It always fails, because PORT is 0.
        Assert.Equal(78, ended.ExitCode);
        Assert.Equal(!isAccepted, ended.Output.Contains("ORION_ENV_FILE is a symbolic link", StringComparison.Ordinal)
            || ended.Output.Contains("ORION_ENV_FILE can be written", StringComparison.Ordinal));
        Assert.Equal(isAccepted, ended.Output.Contains(": 1 problem ", StringComparison.Ordinal));
        ShouldBeReadable(ended);

        // Root can change everything, so the link is rejected when it runs as root.
        Assert.Contains("symbolic link", (await OrionProcess.RunToItsEnd(_folder, environment)).Output, StringComparison.Ordinal);
    }

    private string MountSecret()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "..2026"));
        File.WriteAllText(Path.Combine(_folder, "..2026", ".env"), "JWT_AUDIENCE=orion-core\n");
        File.CreateSymbolicLink(Path.Combine(_folder, "..data"), "..2026");
        File.CreateSymbolicLink(Path.Combine(_folder, ".env"), "..data/.env");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        return Path.Combine(_folder, ".env");
    }

    private static async Task Shell(string command)
    {
        using var shell = System.Diagnostics.Process.Start("sh", ["-c", command]);
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
    }

    private static List<(string Name, string Value)> Complete() =>
    [
        ("ORION_ENV_FILE", "none"),
        ("ORION_SHARED_JWT_SECRET", TestToken.SharedSecret),
        ("JWT_ISSUER", TestToken.Issuer),
        ("AUTHORIZED_USER_EMAIL", OrionServer.Owner),
        ("ALLOWED_ORIGINS", OrionServer.Origin),
        ("DATABASE_URL", "sqlite:orion.db"),
        ("PORT", "0"),
    ];

    private static void ShouldBeReadable(OrionProcess.Ended ended)
    {
        foreach (var word in (string[])["   at ", "Exception", "Unhandled", Password, WeakSecret, TestToken.SharedSecret, "Host=", "Username="])
        {
            Assert.DoesNotContain(word, ended.Output, StringComparison.Ordinal);
        }
    }

    private Task<OrionProcess.Ended> Start(params (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Production" };
        foreach (var (name, value) in settings) environment[name] = value;
        if (environment.ContainsKey("DATABASE_URL")) environment.TryAdd("ORION_DATA_DIR", Path.Combine(_folder, "data"));
        return OrionProcess.RunToItsEnd(_folder, environment);
    }
}
