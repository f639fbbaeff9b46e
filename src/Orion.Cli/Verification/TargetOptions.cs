using System.CommandLine;
using System.CommandLine.Parsing;
using Orion.Cli.Execution;
using Orion.Domain.Users;
using Orion.Infrastructure.Configuration;

namespace Orion.Cli.Verification;

/// <summary>The deployment that a command sends requests to, from the settings of this machine or from the command line.</summary>
internal sealed class TargetOptions
{
    /// <summary>The default audience.</summary>
    internal const string DefaultAudience = "orion-core";
    private const int MinSecretLength = 32;

    private readonly Option<FileInfo?> _secretFile = new("--secret-file")
    {
        Description = "Read the secret from this file instead of the settings, for a deployment on another machine. Requires --issuer and --user.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _issuer = new("--issuer") { Description = "The deployment's JWT_ISSUER.", HelpName = "TEXT" };

    private readonly Option<string?> _audience = new("--audience")
    {
        Description = $"The deployment's JWT_AUDIENCE; by default that of the settings, or with --secret-file {DefaultAudience}.",
        HelpName = "TEXT",
    };

    private readonly Option<EmailAddress?> _user = Options.Email("--user", "A user on the deployment's allow-list; by default the configured owner.");

    private readonly Option<string?> _origin = new("--origin")
    {
        Description = "An origin that the deployment must accept; by default the first of ALLOWED_ORIGINS.",
        HelpName = "ORIGIN",
    };

    /// <summary>The address, as the argument of <c>verify</c>.</summary>
    internal Argument<Uri> Address { get; } = new("URL")
    {
        Description = "The deployment's address, without a path: https://…, or http:// on this machine's loopback.",
        CustomParser = ParseAddress,
    };

    /// <summary>The address, as an option of other commands.</summary>
    internal Option<Uri?> Url { get; } = new("--url")
    {
        Description = "The address of the service, without a path: https://…, or http:// on this machine's loopback. By default, where the service "
            + "of these settings listens.",
        HelpName = "URL",
        CustomParser = ParseAddress,
    };

    /// <summary>The options about the deployment's tokens.</summary>
    internal IEnumerable<Option> Tokens => [_secretFile, _issuer, _audience, _user];

    /// <summary>The options of <c>verify</c>.</summary>
    internal IEnumerable<Option> All => [.. Tokens, _origin];

    /// <summary>The deployment.</summary>
    /// <exception cref="CommandFailedException">The settings are invalid, or an option is missing.</exception>
    internal VerificationTarget Read(ParseResult parsed, Terminal terminal)
    {
        // An option that the command does not have is null.
        var address = parsed.GetResult(Address) is null ? parsed.GetValue(Url) : parsed.GetValue(Address);
        var origin = parsed.GetValue(_origin);
        if (parsed.GetValue(_secretFile) is { } file)
        {
            return address is null
                ? throw new CommandFailedException("--secret-file requires --url.", ExitCodes.Usage)
                : ReadWithFile(parsed, address, origin, file);
        }

        var settings = OrionHost.ReadSettings(terminal);
        OrionHost.RequireSecret(settings);
        return new VerificationTarget(
            address ?? OwnAddress(settings),
            settings.Tokens with
            {
                Issuer = parsed.GetValue(_issuer) ?? settings.Tokens.Issuer,
                Audience = parsed.GetValue(_audience) ?? settings.Tokens.Audience,
            },
            parsed.GetValue(_user) ?? settings.Owner,
            origin ?? (settings.AllowedOrigins is [var first, ..] ? first : null),
            settings.RequireHttps);
    }

    private static Uri? ParseAddress(ArgumentResult result)
    {
        var isAddress = Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address)
            && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
            && address.PathAndQuery == "/" && address.UserInfo.Length == 0 && address.Fragment.Length == 0;
        if (!isAddress) result.AddError("URL must be https:// or http:// with a host and an optional port, and nothing after it: https://chat-api.example.com");
        else if (address!.Scheme == Uri.UriSchemeHttp && !address.IsLoopback)
            result.AddError("URL uses plain HTTP to another machine, which would expose the tokens. Use https://.");
        return address;
    }

    // Where the service of these settings can be reached from this machine.
    private static Uri OwnAddress(OrionSettings settings)
    {
        var own = settings.Listening.FirstOrDefault(address => address is { ServesMetrics: false, IsHttps: false, SocketPath: null })
            ?? throw new CommandFailedException("The service of these settings has no plain HTTP port. Name its address with --url.", ExitCodes.Usage);
        return new UriBuilder(Uri.UriSchemeHttp, own.ReachableHost, own.Port).Uri;
    }

    private VerificationTarget ReadWithFile(ParseResult parsed, Uri address, string? origin, FileInfo file)
    {
        if (parsed.GetValue(_issuer) is not { } issuer || parsed.GetValue(_user) is not { } user)
            throw new CommandFailedException("--secret-file requires --issuer and --user.", ExitCodes.Usage);

        var secret = File.ReadAllText(file.FullName).TrimEnd('\r', '\n');
        if (secret.Length < MinSecretLength) throw new CommandFailedException($"The secret in {file.FullName} is shorter than {MinSecretLength} characters.", ExitCodes.Usage);
        var tokens = new TokenSettings
        {
            Secret = secret,
            PreviousSecret = null,
            Issuer = issuer,
            Audience = parsed.GetValue(_audience) ?? DefaultAudience,
            UserTokenMaxLifetime = TimeSpan.FromHours(1),
        };
        return new VerificationTarget(address, tokens, user, origin, RequiresHttps: null, HasSettings: false);
    }
}
