using Microsoft.Extensions.DependencyInjection;
using Orion.Application;
using Orion.Application.Availability;
using Orion.Application.Import.Legacy;
using Orion.Application.Messaging;
using Orion.Application.Users;
using Orion.Domain.Users;
using Orion.Infrastructure;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Backups;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.LegacyImport;
using Orion.Infrastructure.Persistence.Migrations;

namespace Orion.Cli.Execution;

/// <summary>The second composition root: the service's application and infrastructure for one command.</summary>
internal sealed class OrionHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private OrionHost(OrionSettings settings)
    {
        Settings = settings;
        _services = new ServiceCollection()
            .AddLogging()
            .AddMetrics()
            .AddOrionApplication()
            .AddOrionInfrastructure(settings)
            .BuildServiceProvider();
    }

    /// <summary>The validated settings.</summary>
    internal OrionSettings Settings { get; }

    /// <summary>The clock.</summary>
    internal TimeProvider Clock => _services.GetRequiredService<TimeProvider>();

    /// <summary>Runs the application's requests.</summary>
    internal IDispatcher Dispatcher => _services.GetRequiredService<IDispatcher>();

    /// <summary>Applies migrations.</summary>
    internal IMigrator Migrator => _services.GetRequiredService<IMigrator>();

    /// <summary>Reads the state of the database.</summary>
    internal IDatabaseDiagnosis Diagnosis => _services.GetRequiredService<IDatabaseDiagnosis>();

    /// <summary>Makes backups.</summary>
    internal VerifiedBackups Backups => _services.GetRequiredService<VerifiedBackups>();

    /// <summary>Reads the settings and builds the application, without a connection to the database.</summary>
    /// <param name="terminal">The command's terminal.</param>
    /// <param name="createsFiles">Whether missing files are created, as at the start of the service. Only a command that migrates sets it:
    /// files created by another account, such as root, would be inaccessible to the service.</param>
    /// <exception cref="CommandFailedException">The settings are invalid.</exception>
    internal static OrionHost Build(Terminal terminal, bool createsFiles = false) => new(ReadSettings(terminal, createsFiles));

    /// <summary>Builds the application with these settings.</summary>
    internal static OrionHost Build(OrionSettings settings) => new(settings);

    /// <summary>Reads and validates the settings.</summary>
    /// <exception cref="CommandFailedException">The settings are invalid.</exception>
    internal static OrionSettings ReadSettings(Terminal terminal, bool createsFiles = false)
    {
        var context = ConfigurationContext.OfThisProcess(terminal.EnvironmentName);
        var reading = context.Read(createsFiles);
        return reading.CanStart
            ? reading.Settings
            : throw new CommandFailedException(
                StartupProblems.Format(reading.Problems, context.EnvironmentName, reading.Warnings, isCommand: true), ExitCodes.Settings)
            {
                IsPage = true,
            };
    }

    /// <summary>Builds the application and opens its database.</summary>
    /// <exception cref="CommandFailedException">The settings are invalid, or the database is not ready.</exception>
    internal static async Task<OrionHost> Open(Terminal terminal, CancellationToken cancellationToken)
    {
        var host = Build(terminal);
        try
        {
            if (await host.TryOpen(cancellationToken) is { } failure) throw failure;
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Requires the secret that tokens are signed with. In Development it is generated at the first start.</summary>
    /// <exception cref="CommandFailedException">The secret does not exist yet.</exception>
    internal static void RequireSecret(OrionSettings settings)
    {
        if (settings.Tokens.Secret.Length == 0)
            throw new CommandFailedException("The secret does not exist yet. Start the service once to create it, or run: orion migrate", ExitCodes.Settings);
    }

    /// <summary>Opens the database.</summary>
    /// <returns>Why the database is not ready; null if it is.</returns>
    internal async Task<CommandFailedException?> TryOpen(CancellationToken cancellationToken)
    {
        if (Settings.Database.IsMissing)
        {
            return new($"The database {Settings.Database.Address} does not exist yet. Run: orion migrate, or start the service once.", ExitCodes.Unavailable);
        }

        var database = _services.GetRequiredService<DatabaseReadinessCheck>();
        return await database.Open(cancellationToken) switch
        {
            DatabaseReadiness.Ready => null,
            DatabaseReadiness.NotMigrated => new(
                "The database is not migrated to this version, or the role of DATABASE_URL may not read it. Run: orion migrate, or start the service once. "
                + "If no migration is pending, orion doctor lists the missing rights.",
                ExitCodes.Unavailable),
            _ => NotUsable(database.Failure!),
        };
    }

    /// <summary>Explains an exception of the database.</summary>
    internal DatabaseFailure Explain(Exception exception) => _services.GetRequiredService<DatabaseReadinessCheck>().Explain(exception);

    /// <summary>The failure of a command whose database cannot be used.</summary>
    /// <param name="exception">The exception of the database or of the connection.</param>
    /// <param name="address">The database's address; by default that of <c>DATABASE_URL</c>.</param>
    internal CommandFailedException NotUsable(Exception exception, string? address = null) => NotUsable(Explain(exception), address);

    /// <summary>Verifies that both database settings name one database. If that cannot be determined, a line says so.</summary>
    /// <exception cref="CommandFailedException">They name different databases.</exception>
    internal async Task RequireSameDatabase(Terminal terminal, CancellationToken cancellationToken)
    {
        if (await Migrator.Compare(cancellationToken) is not { } comparison || comparison.Match == DatabaseMatch.Same) return;
        if (comparison.Match == DatabaseMatch.Different)
            throw new CommandFailedException(new DatabaseMismatchException(comparison).Message, ExitCodes.Settings);
        terminal.Advise($"orion: {comparison.What}.");
    }

    /// <summary>Acts on behalf of a user on the allow-list.</summary>
    /// <exception cref="CommandFailedException">The user is not on the allow-list.</exception>
    internal async Task<Caller> Impersonate(EmailAddress email, CancellationToken cancellationToken)
    {
        var caller = await Dispatcher.Send(new Impersonate(email), cancellationToken);
        return caller.Error is null
            ? caller.Value
            : throw new CommandFailedException($"{email} is not on the allow-list. See: orion users list, orion users grant {email}");
    }

    /// <summary>The legacy database, not yet connected. The caller disposes of it.</summary>
    /// <exception cref="CommandFailedException">The address is invalid; the message does not repeat it.</exception>
    internal static ILegacyDatabase ReadLegacyDatabase(string url, Terminal terminal)
    {
        var context = ConfigurationContext.OfThisProcess(terminal.EnvironmentName);
        var isDevelopment = context.EnvironmentName.Equals("Development", StringComparison.OrdinalIgnoreCase);
        var result = LegacyDatabaseUrl.Read(url, context.WorkingDirectory, isDevelopment);
        if (result.Database is not { } database) throw new CommandFailedException($"--from is invalid. {result.Problem}", ExitCodes.Usage);
        if (result.IsPlainText) terminal.Advise($"orion: The password and all data from {database.Address} travel in plain text.");
        return database;
    }

    /// <summary>Whether an exception means that the database is unavailable, not that Orion has a bug.</summary>
    internal bool IsTransientError(Exception exception) => _services.GetRequiredService<IDatabaseHealth>().IsTransientError(exception);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private CommandFailedException NotUsable(DatabaseFailure failure, string? address = null) =>
        new($"The database at {address ?? Settings.Database.Address} cannot be used. {failure} For details, run: orion doctor", ExitCodes.Unavailable);
}
