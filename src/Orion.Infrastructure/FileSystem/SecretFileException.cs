using Orion.Infrastructure.Configuration;

namespace Orion.Infrastructure.FileSystem;

/// <summary>The file of Development's own secret cannot be used.</summary>
/// <param name="path">The file.</param>
/// <param name="error">The problem.</param>
internal sealed class SecretFileException(string path, SettingError error) : IOException($"{error.What}.")
{
    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>The problem.</summary>
    public SettingError Error => error;
}
