using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orion.Infrastructure.Configuration.Rules;

/// <summary>Opens the certificates that the settings name, in the same way as the libraries that use them.</summary>
internal static class CertificateRules
{
    /// <summary>Checks the certificates in a section of the configuration. Each has a <c>Path</c>, and a <c>KeyPath</c> or a <c>Password</c>.</summary>
    /// <returns>The sections with a certificate, as variables.</returns>
    public static IReadOnlyList<string> Check(SettingsCheck check, string section)
    {
        var entries = check.Under(section).Where(e => e.Value.Trim().Length > 0).ToList();
        var sections = new List<string>();
        foreach (var (key, _, _) in entries.Where(e => IsOfCertificate(e.Key) && (EndsWith(e.Key, "Path") || EndsWith(e.Key, "Subject"))))
            sections.Add(ConfigurationLookup.VariableOf(key[..key.LastIndexOf(':')]));
        foreach (var (key, path, place) in entries.Where(e => IsOfCertificate(e.Key) && EndsWith(e.Key, "Path")))
        {
            var parent = key[..key.LastIndexOf(':')];
            var error = CheckPair(
                Path.GetFullPath(path.Trim(), check.WorkingDirectory), Sibling("KeyPath") is { } keyPath ? Path.GetFullPath(keyPath, check.WorkingDirectory) : null,
                Sibling("Password"));
            if (error is not null) check.AddProblem(ConfigurationLookup.VariableOf(key), error, place);

            string? Sibling(string name) =>
                entries.FirstOrDefault(e => e.Key.Equals($"{parent}:{name}", StringComparison.OrdinalIgnoreCase)).Value;
        }

        return sections;
    }

    /// <summary>The error in a file of certificates to trust; null if it is valid.</summary>
    public static SettingError? CheckTrusted(string path) => Load(path, () => X509CertificateLoader.LoadCertificateFromFile(path).Dispose());

    /// <summary>The error in a certificate and its key; null if they are valid.</summary>
    public static SettingError? CheckPair(string path, string? keyPath, string? password)
    {
        if (keyPath is null)
        {
            var isPfx = false;
            return Load(path, () =>
            {
                isPfx = X509Certificate2.GetCertContentType(path) is X509ContentType.Pfx;
                if (isPfx) X509CertificateLoader.LoadPkcs12FromFile(path, password).Dispose();
            }) ?? (isPfx ? null : new(
                $"names a certificate, {path}, without its private key", "Name the key's file as well (__KeyPath), or a PFX that contains both."));
        }

        return Load(keyPath, () => File.ReadAllBytes(keyPath)) ?? Load(path, () => (password is null
            ? X509Certificate2.CreateFromPemFile(path, keyPath)
            : X509Certificate2.CreateFromEncryptedPemFile(path, password, keyPath)).Dispose());
    }

    private static SettingError? Load(string path, Action open)
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
            return new($"names a file, {path}, that is not a certificate, does not match its key, or has another password", Fix);
        }
    }

    private static bool EndsWith(string key, string name) => key.EndsWith(':' + name, StringComparison.OrdinalIgnoreCase);

    private static bool IsOfCertificate(string key) => key.Split(':') is var parts
        && (parts[^2].Equals("Certificate", StringComparison.OrdinalIgnoreCase)
            || (parts.Length > 2 && parts[^3].Equals("Certificates", StringComparison.OrdinalIgnoreCase)));
}
