using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orion.Infrastructure.Configuration.Rules;

/// <summary>Opens the certificates that the settings name, as the libraries that use them will.</summary>
internal static class CertificateRules
{
    /// <summary>The certificates in a section of the configuration: each by a <c>Path</c>, and a <c>KeyPath</c> or a <c>Password</c>.</summary>
    /// <returns>The sections that name a certificate, written as variables.</returns>
    public static IReadOnlyList<string> Check(SettingsCheck check, string section)
    {
        var entries = check.Under(section).Where(e => e.Value.Trim().Length > 0).ToList();
        var sections = new List<string>();
        foreach (var (key, _, _) in entries.Where(e => IsOfCertificate(e.Key) && (EndsWith(e.Key, "Path") || EndsWith(e.Key, "Subject"))))
            sections.Add(ConfigurationLookup.Written(key[..key.LastIndexOf(':')]));
        foreach (var (key, path, place) in entries.Where(e => IsOfCertificate(e.Key) && EndsWith(e.Key, "Path")))
        {
            var parent = key[..key.LastIndexOf(':')];
            var flaw = CheckPair(
                Path.GetFullPath(path.Trim(), check.WorkingDirectory), Beside("KeyPath") is { } keyPath ? Path.GetFullPath(keyPath, check.WorkingDirectory) : null,
                Beside("Password"));
            if (flaw is not null) check.Refuse(ConfigurationLookup.Written(key), flaw, place);

            string? Beside(string name) =>
                entries.FirstOrDefault(e => e.Key.Equals($"{parent}:{name}", StringComparison.OrdinalIgnoreCase)).Value;
        }

        return sections;
    }

    /// <summary>What is wrong with a file of certificates to trust, or null.</summary>
    public static SettingError? CheckTrusted(string path) => Try(path, () => X509CertificateLoader.LoadCertificateFromFile(path).Dispose());

    /// <summary>What is wrong with a certificate and its key, or null.</summary>
    public static SettingError? CheckPair(string path, string? keyPath, string? password)
    {
        if (keyPath is null)
        {
            var isPfx = false;
            return Try(path, () =>
            {
                isPfx = X509Certificate2.GetCertContentType(path) is X509ContentType.Pfx;
                if (isPfx) X509CertificateLoader.LoadPkcs12FromFile(path, password).Dispose();
            }) ?? (isPfx ? null : new(
                $"names a certificate, {path}, without its private key", "Name the key's file as well (__KeyPath), or a PFX that holds both."));
        }

        return Try(keyPath, () => File.ReadAllBytes(keyPath)) ?? Try(path, () => (password is null
            ? X509Certificate2.CreateFromPemFile(path, keyPath)
            : X509Certificate2.CreateFromEncryptedPemFile(path, password, keyPath)).Dispose());
    }

    private static SettingError? Try(string path, Action open)
    {
        const string Fix = "Name a file with the certificate, and its key, that the account Orion runs as can read.";
        try
        {
            if (!File.Exists(path)) return new($"names a file that does not exist, {path}", Fix);
            open();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new($"names a file that cannot be read, {path}", Fix);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return new($"names a file, {path}, that is no certificate, does not fit its key, or has another password", Fix);
        }
    }

    private static bool EndsWith(string key, string name) => key.EndsWith(':' + name, StringComparison.OrdinalIgnoreCase);

    private static bool IsOfCertificate(string key) => key.Split(':') is var parts
        && (parts[^2].Equals("Certificate", StringComparison.OrdinalIgnoreCase)
            || (parts.Length > 2 && parts[^3].Equals("Certificates", StringComparison.OrdinalIgnoreCase)));
}
