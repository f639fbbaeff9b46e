using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;

namespace Orion.Api.Logging;

/// <summary>Configures logging: to the console only, as text in Development and as one JSON object per line otherwise.</summary>
internal static class LoggingSetup
{
    // The minimum levels for categories that the operator's Logging:LogLevel does not set.
    private static readonly LoggerFilterRule[] DefaultRules =
    [
        // Logs query strings, and adds the path to the scope of every line.
        new(null, "Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None, null),
        new(null, "Microsoft.AspNetCore", LogLevel.Warning, null),
        // A failed start has its own message. A background service that fails is critical.
        new(null, "Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical, null),
        // Its errors repeat, with a stack trace, what Orion logs itself.
        new(null, "Microsoft.EntityFrameworkCore", LogLevel.None, null),
        // Its messages may repeat arguments of a request. Orion logs the failures of tools itself.
        new(null, "ModelContextProtocol", LogLevel.None, null),
        new(null, "Microsoft.Hosting.Lifetime", LogLevel.Information, null),
    ];

    internal static ILoggingBuilder AddOrionLogging(this ILoggingBuilder builder, bool development)
    {
        builder.ClearProviders();
        KestrelLogging.Add(builder.Services);
        // The last rule for a category wins, so these go before those of the configuration.
        builder.Services.PostConfigure<LoggerFilterOptions>(options =>
        {
            foreach (var rule in DefaultRules)
                options.Rules.Insert(0, rule);
        });

        if (development)
        {
            builder.Services.TryAddSingleton(TimeProvider.System);
            return builder
                .AddConsole(options => options.FormatterName = OrionConsoleFormatter.FormatterName)
                .AddConsoleFormatter<OrionConsoleFormatter, ConsoleFormatterOptions>();
        }

        // The default encoder of System.Text.Json escapes everything except printable ASCII, so no value can forge a line.
        return builder.AddJsonConsole(options =>
        {
            options.IncludeScopes = true;
            options.UseUtcTimestamp = true;
            options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
        });
    }
}
