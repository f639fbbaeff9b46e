using System.Security.Authentication;
using Npgsql;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.Persistence.Postgres;

namespace Orion.Infrastructure.Availability;

/// <summary>
/// Explains the database's exceptions. The driver does not report why it rejected a certificate, so the certificate is retrieved again.
/// </summary>
internal sealed class DatabaseFailures(DatabaseSettings settings)
{
    /// <summary>Explains an exception. Takes up to a few seconds if a certificate is retrieved.</summary>
    internal DatabaseFailure Explain(Exception exception)
    {
        if (settings.Provider != DatabaseProvider.PostgreSql || TransientErrors.Find<AuthenticationException>(exception) is not { } rejected)
            return DatabaseFailure.Of(exception);

        string?[] connections = [settings.ConnectionString, settings.MigrationConnectionString];
        return connections.OfType<string>().Select(text => ServerCertificate.Examine(new NpgsqlConnectionStringBuilder(text))).FirstOrDefault(failure => failure is not null)
            ?? new DatabaseFailure($"TLS failed: {rejected.Message.ReplaceLineEndings(" ").TrimEnd('.')}", "Check sslmode and sslrootcert.");
    }
}
