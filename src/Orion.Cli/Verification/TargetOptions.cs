using System.CommandLine;
using Orion.Cli.Execution;
using Orion.Domain.Users;
using Orion.Infrastructure.Configuration;

namespace Orion.Cli.Verification;

/// <summary>Which deployment to verify: by the settings of this machine, or by the command line.</summary>
internal sealed class TargetOptions
{
    /// <summary>The audience where nobody sets one.</summary>
    internal const string UsualAudience = "orion-core";
    private const int ShortestSecret = 32;

    private readonly Option<FileInfo?> _secretFile = new("--secret-file")
    {
        Description = "Read the secret from this file, and no settings: for a deployment on another machine. Needs --issuer and --user.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _issuer = new("--issuer") { Description = "The deployment's JWT_ISSUER.", HelpName = "TEXT" };

    private readonly Option<string?> _audience = new("--audience")
    {
        Description = $"The deployment's JWT_AUDIENCE; by default that of the settings, with --secret-file {UsualAudience}.",
        HelpName = "TEXT",
    };

    private readonly Option<EmailAddress?> _user = Options.Email("--user", "Someone on the deployment's allow-list; the configured owner.");

    private readonly Option<string?> _origin = new("--origin")
    {
        Description = "An origin that the deployment must accept; the first of ALLOWED_ORIGINS.",
        HelpName = "ORIGIN",
    };

    /// <summary>Where the deployment is.</summary>
    internal Argument<Uri> Address { get; } = new("URL")
    {
        Description = "The deployment's address, without a path: https://…, or http:// on this machine's loopback.",
        CustomParser = result =>
        {
            var isAddress = Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address)
                && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
                && address.PathAndQuery == "/" && address.UserInfo.Length == 0 && address.Fragment.Length == 0;
            if (!isAddress) result.AddError("URL must be https:// or http:// with a host and an optional port, and nothing after it: https://chat-api.example.com");
            else if (address!.Scheme == Uri.UriSchemeHttp && !address.IsLoopback)
                result.AddError("URL uses plain HTTP to another machine, which would expose the tokens. Use https://.");
            return address;
        },
    };

    /// <summary>The options.</summary>
    internal IEnumerable<Option> All => [_secretFile, _issuer, _audience, _user, _origin];

    /// <summary>The deployment.</summary>
    /// <exception cref="CommandFailedException">The settings are not accepted, or something is missing.</exception>
    internal VerificationTarget Read(ParseResult parsed, Terminal terminal)
    {
        var address = parsed.GetValue(Address)!;
        var origin = parsed.GetValue(_origin);
        if (parsed.GetValue(_secretFile) is { } file) return ReadWithFile(parsed, address, origin, file);

        var settings = OrionHost.ReadSettings(terminal);
        OrionHost.RequireSecret(settings);
        return new VerificationTarget(
            address,
            settings.Tokens with
            {
                Issuer = parsed.GetValue(_issuer) ?? settings.Tokens.Issuer,
                Audience = parsed.GetValue(_audience) ?? settings.Tokens.Audience,
            },
            parsed.GetValue(_user) ?? settings.Owner,
            origin ?? (settings.AllowedOrigins is [var first, ..] ? first : null),
            settings.RequireHttps);
    }

    private VerificationTarget ReadWithFile(ParseResult parsed, Uri address, string? origin, FileInfo file)
    {
        if (parsed.GetValue(_issuer) is not { } issuer || parsed.GetValue(_user) is not { } user)
            throw new CommandFailedException("--secret-file needs --issuer and --user.", ExitCodes.Usage);

        var secret = File.ReadAllText(file.FullName).TrimEnd('\r', '\n');
        if (secret.Length < ShortestSecret) throw new CommandFailedException($"The secret in {file.FullName} is shorter than {ShortestSecret} characters.", ExitCodes.Usage);
        var tokens = new TokenSettings
        {
            Secret = secret,
            PreviousSecret = null,
            Issuer = issuer,
            Audience = parsed.GetValue(_audience) ?? UsualAudience,
            UserTokenMaxLifetime = TimeSpan.FromHours(1),
        };
        return new VerificationTarget(address, tokens, user, origin, RequiresHttps: null, HasSettings: false);
    }
}
