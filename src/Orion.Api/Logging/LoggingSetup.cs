using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;

namespace Orion.Api.Logging;

/// <summary>How Orion logs: to the console alone, as text for a person in Development, as one JSON object a line otherwise.</summary>
internal static class LoggingSetup
{
    // The least that is written where the operator's Logging:LogLevel:… says nothing about the category.
    private static readonly LoggerFilterRule[] Rules =
    [
        // It logs query strings, and its scope repeats the path in every line.
        new(null, "Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None, null),
        new(null, "Microsoft.AspNetCore", LogLevel.Warning, null),
        // A start that fails, which says why in a sentence of its own; a background task that fails is critical.
        new(null, "Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical, null),
        // Its errors repeat, with a stack trace, what Orion says in a line of its own: the database's condition, or a defect.
        new(null, "Microsoft.EntityFrameworkCore", LogLevel.None, null),
        new(null, "Microsoft.Hosting.Lifetime", LogLevel.Information, null),
    ];

    internal static ILoggingBuilder AddOrionLogging(this ILoggingBuilder builder, bool development)
    {
        builder.ClearProviders();
        KestrelLogging.Add(builder.Services);
        // Of rules for the same category the last wins, so these go before those of the configuration.
        builder.Services.PostConfigure<LoggerFilterOptions>(options =>
        {
            foreach (var rule in Rules)
                options.Rules.Insert(0, rule);
        });

        if (development)
        {
            builder.Services.TryAddSingleton(TimeProvider.System);
            return builder
                .AddConsole(options => options.FormatterName = OrionConsoleFormatter.FormatterName)
                .AddConsoleFormatter<OrionConsoleFormatter, ConsoleFormatterOptions>();
        }

        // Its encoder, System.Text.Json's default, escapes all but ASCII, so no value can forge a line here either.
        return builder.AddJsonConsole(options =>
        {
            options.IncludeScopes = true;
            options.UseUtcTimestamp = true;
            options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
        });
    }
}
