using System.CommandLine;
using Orion.Cli.Running;
using Orion.Domain.Users;
using Orion.Infrastructure.Settings;

namespace Orion.Cli.Verification;

/// <summary>What deployment to verify: by the settings of this machine, or by what stands on the command line.</summary>
internal sealed class TargetOptions
{
    private const string UsualAudience = "orion-core";
    private const int ShortestSecret = 32;

    private readonly Option<FileInfo?> _secretFile = new("--secret-file")
    {
        Description = "Read the secret from this file, and no settings: for a deployment of another machine. Needs --issuer and --user.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _issuer = new("--issuer") { Description = "The deployment's JWT_ISSUER.", HelpName = "TEXT" };

    private readonly Option<string?> _audience = new("--audience")
    {
        Description = $"The deployment's JWT_AUDIENCE; {UsualAudience} beside --secret-file where nothing is said.",
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
        Description = "Where it is, without a path: https://…, or http:// to this machine's loopback.",
        CustomParser = result =>
        {
            var isAddress = Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address)
                && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
                && address.PathAndQuery == "/" && address.UserInfo.Length == 0 && address.Fragment.Length == 0;
            if (!isAddress) result.AddError("URL is none that begins with https:// or http://, or it has more than a host and a port.");
            else if (address!.Scheme == Uri.UriSchemeHttp && !address.IsLoopback)
                result.AddError("URL is plain HTTP to another machine, where everybody on the way could take the tokens.");
            return address;
        },
    };

    /// <summary>The options.</summary>
    internal IEnumerable<Option> All => [_secretFile, _issuer, _audience, _user, _origin];

    /// <summary>The deployment.</summary>
    /// <exception cref="CommandRefusedException">The settings are not accepted, or something is missing.</exception>
    internal VerificationTarget Read(ParseResult parsed, Terminal terminal)
    {
        var address = parsed.GetValue(Address)!;
        var origin = parsed.GetValue(_origin);
        if (parsed.GetValue(_secretFile) is { } file) return ReadWithFile(parsed, address, origin, file);

        var settings = OrionHost.ReadSettings(terminal);
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
            throw new CommandRefusedException("--secret-file needs --issuer and --user.", ExitCodes.Usage);

        var secret = File.ReadAllText(file.FullName).TrimEnd('\r', '\n');
        if (secret.Length < ShortestSecret) throw new CommandRefusedException("The file holds no secret: it is too short.", ExitCodes.Usage);
        var tokens = new TokenSettings
        {
            Secret = secret,
            PreviousSecret = null,
            Issuer = issuer,
            Audience = parsed.GetValue(_audience) ?? UsualAudience,
            UserTokenMaxLifetime = TimeSpan.FromHours(1),
        };
        return new VerificationTarget(address, tokens, user, origin, RequiresHttps: null);
    }
}
