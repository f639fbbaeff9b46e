using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orion.IntegrationTests.Cli.Database;

/// <summary>The reason for rejecting a certificate is explained: its issuer, its names or its dates.</summary>
public sealed class CertificateTests : IAsyncLifetime
{
    private static readonly TimeProvider Clock = TimeProvider.System;
    private readonly string _folder = Directory.CreateTempSubdirectory("orion-ca-").FullName;
    private readonly X509Certificate2 _authority = Authority("CN=Orion test authority");
    private IStoppablePostgres? _postgres;
    private PostgresDatabase? _database;

    private PostgresDatabase Database => _database!;

    private string RootFile => Path.Combine(_folder, "root.pem");

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(RootFile, _authority.ExportCertificatePem());
        _postgres = await PostgresServers.StartStoppable();
        _database = await PostgresDatabase.Create(_postgres.Superuser);
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
        if (_postgres is not null) await _postgres.DisposeAsync();
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Doctor_command_and_log_name_the_problem_of_a_certificate()
    {
        await Serve("127.0.0.1", days: 30);
        await ShouldReport("?sslmode=verify-full", "authority that this machine does not trust", "sslrootcert=");
        (await Run($"?sslmode=verify-full&sslrootcert={RootFile}", "migrate")).Should(0);

        await Serve("db.example.com", days: 30);
        await ShouldReport($"?sslmode=verify-full&sslrootcert={RootFile}", "for db.example.com, and not for 127.0.0.1", "");

        await Serve("127.0.0.1", days: -1);
        await ShouldReport($"?sslmode=verify-full&sslrootcert={RootFile}", "has expired", "Renew");
    }

    [Fact]
    public async Task The_separate_settings_accept_a_root_certificate_too()
    {
        await Serve("127.0.0.1", days: 30);
        var environment = CommandTests.Environment(Database);
        environment.Remove("DATABASE_URL");
        var connection = Database.Connection;
        foreach (var (name, value) in ((string, string)[])
        [
            ("DB_HOST", connection.Host!), ("DB_PORT", $"{connection.Port}"), ("DB_NAME", connection.Database!), ("DB_USER", connection.Username!),
            ("DB_PASSWORD", connection.Password!), ("DB_SSL", "true"),
        ])
        {
            environment[name] = value;
        }

        var ended = (await OrionCommand.Run(["migrate"], _folder, environment)).Should(69);
        Assert.Contains("DB_SSL_ROOT_CERT", ended.Error, StringComparison.Ordinal);

        environment["DB_SSL_ROOT_CERT"] = RootFile;
        (await OrionCommand.Run(["migrate"], _folder, environment)).Should(0);
    }

    private async Task ShouldReport(string parameters, string what, string fix)
    {
        var doctor = (await Run(parameters, "doctor")).Should(2).Out;
        var command = (await Run(parameters, "users", "list")).Should(69).Error;
        await using var server = await OrionServer.Launch(Database, null, ("DATABASE_URL", PostgresDatabase.Url(Database.Connection) + parameters));
        await Eventually.Until(() => server.Log.All.Any(line => line.Text.Contains(what, StringComparison.Ordinal)), "The log does not say it.");
        foreach (var output in (string[])[doctor, command])
        {
            Assert.Contains(what, output, StringComparison.Ordinal);
            Assert.Contains(fix, output, StringComparison.Ordinal);
            Assert.DoesNotContain("Callback", output, StringComparison.Ordinal);
        }
    }

    private Task<OrionCommand.Ended> Run(string parameters, params string[] arguments) => OrionCommand.Run(
        arguments, _folder, CommandTests.Environment(Database, ("DATABASE_URL", PostgresDatabase.Url(Database.Connection) + parameters)));

    // The server writes its files itself, because its folder may belong to another account.
    private async Task Serve(string name, int days)
    {
        using var key = RSA.Create(2048);
        using var certificate = Server(name, days, key);
        await Write("server.key", key.ExportPkcs8PrivateKeyPem());
        await Write("server.crt", certificate.ExportCertificatePem());
        await Database.Execute("ALTER SYSTEM SET ssl = on");
        await Database.Query("SELECT pg_reload_conf()");
        await Eventually.Until(
            async () => (await Database.Query("SELECT 1 FROM pg_settings WHERE name = 'ssl' AND setting = 'on'")).Count > 0, "It does not speak TLS.");
        // Each connection has its own process, and the postmaster reads the files asynchronously.
        await Task.Delay(500);
    }

    private Task<int> Write(string file, string pem) => Database.Execute($"""
        DO $$ BEGIN EXECUTE format(
            'COPY (SELECT unnest(string_to_array(%L, E''\n''))) TO PROGRAM %L', '{pem.Replace("\r", "", StringComparison.Ordinal)}',
            'umask 077; cat >' || quote_literal(current_setting('data_directory') || '/{file}')); END $$
        """);

    private static X509Certificate2 Authority(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(Clock.GetUtcNow().AddDays(-60), Clock.GetUtcNow().AddDays(60));
    }

    private X509Certificate2 Server(string name, int days, RSA key)
    {
        var names = new SubjectAlternativeNameBuilder();
        if (System.Net.IPAddress.TryParse(name, out var address)) names.AddIpAddress(address);
        else names.AddDnsName(name);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(names.Build());
        return request.Create(_authority, Clock.GetUtcNow().AddDays(-40), Clock.GetUtcNow().AddDays(days), [1, 2, 3, 4]);
    }
}
