using System.Reflection;
using System.Text.Json;
using System.Xml.Linq;
using Orion.Domain;
using Orion.UnitTests.Configuration;

namespace Orion.UnitTests;

/// <summary>The version is defined in Directory.Build.props. Files that cannot read it from there must have the same version.</summary>
public sealed class VersionTests
{
    private static readonly string Root = Path.GetFullPath(EnvFileTests.PathOf("../../"));

    private static string Version => XDocument.Load(Path.Combine(Root, "Directory.Build.props")).Descendants("Version").Single().Value;

    [Fact]
    public void No_project_has_its_own_version() => Assert.All(
        Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories),
        file => Assert.DoesNotContain(
            XDocument.Load(file).Descendants(), element => element.Name.LocalName is "Version" or "VersionPrefix" or "PackageVersion"));

    [Fact]
    public void The_assemblies_have_the_version() => Assert.Equal(
        Version, typeof(Error).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]);

    [Fact]
    public void The_client_and_its_lock_file_have_the_version()
    {
        var client = Path.Combine(Root, "clients", "typescript");
        var lockFile = Read(Path.Combine(client, "package-lock.json"));

        Assert.Equal(Version, Read(Path.Combine(client, "package.json")).GetProperty("version").GetString());
        Assert.Equal(Version, lockFile.GetProperty("version").GetString());
        Assert.Equal(Version, lockFile.GetProperty("packages").GetProperty("").GetProperty("version").GetString());
    }

    [Fact]
    public void The_OpenAPI_document_has_the_version() =>
        Assert.Equal(Version, Read(Path.Combine(Root, "docs", "openapi.json")).GetProperty("info").GetProperty("version").GetString());

    private static JsonElement Read(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(file));
        return document.RootElement.Clone();
    }
}
