using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Orion.Application;
using Orion.Application.Availability;
using Orion.Application.Import.Legacy;
using Orion.Application.Messaging;
using Orion.Application.Users;
using Orion.Domain;
using Orion.Domain.Users;
using Orion.Infrastructure;
using Orion.Infrastructure.Availability;
using Orion.Infrastructure.Backups;
using Orion.Infrastructure.Configuration;
using Orion.Infrastructure.LegacyImport;
using Orion.Infrastructure.Persistence.Migrations;

namespace Orion.Cli.Execution;

/// <summary>The second composition root: the same application and infrastructure as the service's, for one command.</summary>
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

    /// <summary>The settings, checked.</summary>
    internal OrionSettings Settings { get; }

    /// <summary>The clock.</summary>
    internal TimeProvider Clock => _services.GetRequiredService<TimeProvider>();

    /// <summary>Applies migrations.</summary>
    internal IMigrator Migrator => _services.GetRequiredService<IMigrator>();

    /// <summary>Asks the database about itself.</summary>
    internal IDatabaseDiagnosis Diagnosis => _services.GetRequiredService<IDatabaseDiagnosis>();

    /// <summary>Makes backups.</summary>
    internal VerifiedBackups Backups => _services.GetRequiredService<VerifiedBackups>();

    /// <summary>Reads the settings and builds the application; the database has not been asked yet.</summary>
    /// <param name="terminal">The command's.</param>
    /// <param name="createsFiles">Whether missing files are made, as at the service's start: only for a command that migrates. Made by
    /// another account, such as root, they would be closed to the service.</param>
    /// <exception cref="CommandRefusedException">The settings are not accepted.</exception>
    internal static OrionHost Build(Terminal terminal, bool createsFiles = false) => new(ReadSettings(terminal, createsFiles));

    /// <summary>Builds the application on settings that have been read.</summary>
    internal static OrionHost Build(OrionSettings settings) => new(settings);

    /// <summary>Reads the settings alone.</summary>
    /// <exception cref="CommandRefusedException">They are not accepted.</exception>
    internal static OrionSettings ReadSettings(Terminal terminal, bool createsFiles = false)
    {
        var surroundings = ConfigurationContext.OfThisProcess(terminal.EnvironmentName);
        var reading = surroundings.Read(createsFiles);
        return reading.CanStart
            ? reading.Settings
            : throw new CommandRefusedException(StartupRefusal.Format(reading.Problems, surroundings.EnvironmentName, reading.Warnings), ExitCodes.Settings)
            {
                IsPage = true,
            };
    }

    /// <summary>Builds the application and opens its database.</summary>
    /// <exception cref="CommandRefusedException">The settings are not accepted, or the database is not there for requests.</exception>
    internal static async Task<OrionHost> Open(Terminal terminal, CancellationToken cancellationToken)
    {
        var host = Build(terminal);
        try
        {
            if (await host.TryOpen(cancellationToken) is { } refused) throw refused;
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>A token needs a secret, and Development's own is made at the first start.</summary>
    /// <exception cref="CommandRefusedException">There is none yet.</exception>
    internal static void NeedSecret(OrionSettings settings)
    {
        if (settings.Tokens.Secret.Length == 0)
            throw new CommandRefusedException("There is no secret yet. Start the service once, which makes it, or run: orion migrate", ExitCodes.Settings);
    }

    /// <summary>Opens the database.</summary>
    /// <returns>Why it is not there for requests; null where it is.</returns>
    internal async Task<CommandRefusedException?> TryOpen(CancellationToken cancellationToken)
    {
        if (Settings.Database.IsMissing)
        {
            return new($"There is no database yet at {Settings.Database.Address}. Run: orion migrate, or start the service once.", ExitCodes.Unavailable);
        }

        var database = _services.GetRequiredService<DatabaseReadinessCheck>();
        return await database.Open(cancellationToken) switch
        {
            DatabaseReadiness.Ready => null,
            DatabaseReadiness.NotMigrated => new(
                "The database is not migrated to this version, or the role of DATABASE_URL may not read it. Run: orion migrate, or start the service once. "
                + "Where nothing is pending, orion doctor names the rights that are missing.",
                ExitCodes.Unavailable),
            _ => NotUsable(database.Failure!),
        };
    }

    /// <summary>What an exception of the database means.</summary>
    internal DatabaseFailure Explain(Exception exception) => _services.GetRequiredService<DatabaseReadinessCheck>().Explain(exception);

    /// <summary>What to tell whose database is not there for a command.</summary>
    /// <param name="exception">What the database, or the way to it, threw.</param>
    /// <param name="address">Its address; null is <c>DATABASE_URL</c>'s.</param>
    internal CommandRefusedException NotUsable(Exception exception, string? address = null) => NotUsable(Explain(exception), address);

    /// <summary>Two settings must name one database; where that cannot be known, a line says so.</summary>
    /// <exception cref="CommandRefusedException">They name two.</exception>
    internal async Task RefuseOtherDatabase(Terminal terminal, CancellationToken cancellationToken)
    {
        if (await Migrator.Compare(cancellationToken) is not { } comparison || comparison.Match == DatabaseMatch.Same) return;
        if (comparison.Match == DatabaseMatch.Different)
            throw new CommandRefusedException(new DatabaseMismatchException(comparison).Message, ExitCodes.Settings);
        terminal.Advise($"orion: {comparison.What}.");
    }

    /// <summary>Runs a request.</summary>
    internal Task<TOutcome> Send<TOutcome>(IRequest<TOutcome> request, CancellationToken cancellationToken) =>
        _services.GetRequiredService<IDispatcher>().Send(request, cancellationToken);

    /// <summary>Runs a request that must succeed.</summary>
    /// <exception cref="CommandRefusedException">It does not; the message is the application's.</exception>
    internal async Task<T> SendOrThrow<T>(IRequest<Result<T>> request, CancellationToken cancellationToken)
        where T : notnull
    {
        var outcome = await Send(request, cancellationToken);
        return outcome.Error is { } error ? throw CommandRefusedException.For(error) : outcome.Value;
    }

    /// <summary>Becomes someone on the allow-list.</summary>
    /// <exception cref="CommandRefusedException">They are not on it.</exception>
    internal async Task<Caller> Impersonate(EmailAddress email, CancellationToken cancellationToken)
    {
        var outcome = await Send(new Impersonate(email), cancellationToken);
        return outcome.Error is null
            ? outcome.Value
            : throw new CommandRefusedException($"{email} is not authorized. See: orion users list, orion users grant {email}");
    }

    /// <summary>The old service's database, which has not been connected to yet. Whoever asks disposes of it.</summary>
    /// <exception cref="CommandRefusedException">The address is not accepted; the message does not repeat it.</exception>
    internal static ILegacyService OpenLegacyService(string url, Terminal terminal)
    {
        var surroundings = ConfigurationContext.OfThisProcess(terminal.EnvironmentName);
        var isDevelopment = surroundings.EnvironmentName.Equals("Development", StringComparison.OrdinalIgnoreCase);
        var reading = LegacyDatabaseUrl.Read(url, surroundings.WorkingDirectory, isDevelopment);
        if (reading.Database is not { } old) throw new CommandRefusedException($"--from is not accepted. {reading.Problem}", ExitCodes.Usage);
        if (reading.IsInTheClear) terminal.Advise($"orion: The password and all data from {old.Address} travel in plain text.");
        return old;
    }

    /// <summary>Whether an exception means that the database is away, rather than that Orion is wrong.</summary>
    internal bool IsTransientError(Exception exception) => _services.GetRequiredService<IDatabaseHealth>().IsTransientError(exception);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private CommandRefusedException NotUsable(DatabaseFailure failure, string? address = null) =>
        new($"The database at {address ?? Settings.Database.Address} cannot be used. {failure} More: orion doctor", ExitCodes.Unavailable);
}
