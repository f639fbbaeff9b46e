using System.Security.Authentication;
using Npgsql;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Persistence.Postgres;

namespace Orion.Infrastructure.Availability;

/// <summary>Explains what the database's exceptions mean. Of a certificate that is refused the driver does not say why: the server is asked again.</summary>
internal sealed class DatabaseFailures(DatabaseSettings settings)
{
    /// <summary>What it means. Takes a few seconds at the most where a certificate is looked at.</summary>
    internal DatabaseFailure Explain(Exception exception)
    {
        if (settings.Provider != DatabaseProvider.PostgreSql || TransientErrors.Find<AuthenticationException>(exception) is not { } refused)
            return DatabaseFailure.Of(exception);

        string?[] connections = [settings.ConnectionString, settings.MigrationConnectionString];
        return connections.OfType<string>().Select(text => ServerCertificate.Examine(new NpgsqlConnectionStringBuilder(text))).FirstOrDefault(found => found is not null)
            ?? new DatabaseFailure($"TLS failed: {refused.Message.ReplaceLineEndings(" ").TrimEnd('.')}", "Look at sslmode and sslrootcert.");
    }
}
