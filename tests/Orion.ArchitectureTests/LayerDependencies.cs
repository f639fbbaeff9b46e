using System.Reflection;
using Orion.Application.Messaging;
using Orion.Cli;
using Orion.Cli.Execution;
using Orion.Domain;
using Orion.Infrastructure.Configuration;

namespace Orion.ArchitectureTests;

/// <summary>The allowed references between layers: Api, Cli → Infrastructure → Application → Domain, and Api, Cli → Mcp → Application.</summary>
public sealed class LayerDependencies
{
    private static readonly Assembly Domain = typeof(Error).Assembly;
    private static readonly Assembly Application = typeof(Caller).Assembly;
    private static readonly Assembly Infrastructure = typeof(OrionSettings).Assembly;

    [Fact]
    public void The_domain_references_only_the_framework()
    {
        var references = References(Domain);

        Assert.NotEmpty(references);
        Assert.All(references, name => Assert.StartsWith("System", name, StringComparison.Ordinal));
    }

    [Fact]
    public void The_application_references_the_domain_and_neither_EF_Core_nor_ASP_NET_nor_a_database()
    {
        string[] allowed = ["Orion.Domain", "MediatR", "FluentValidation", "FluentValidation.DependencyInjectionExtensions"];

        var references = References(Application).Where(name => !name.StartsWith("System", StringComparison.Ordinal)).ToList();

        Assert.Contains("Orion.Domain", references);
        Assert.All(references, name => Assert.True(
            allowed.Contains(name) || name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal), name));
    }

    [Fact]
    public void The_infrastructure_does_not_reference_the_API()
    {
        var references = References(Infrastructure);

        Assert.DoesNotContain("Orion.Api", references);
        Assert.DoesNotContain("Orion.Cli", references);
        Assert.DoesNotContain(references, name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
    }

    [Fact]
    public void The_API_uses_the_infrastructure_only_in_its_composition()
    {
        // The API may also read settings, and its authentication uses the verifier of tokens.
        string[] open = ["Orion.Infrastructure.Configuration", "Orion.Infrastructure.Tokens"];
        string[] composition = ["Program"];
        var users = UsesOf("Orion.Infrastructure", typeof(global::Orion.Api.Program).Assembly)
            .Where(use => !composition.Contains(use.User) && !open.Any(space => use.Used == space || use.Used.StartsWith(space + ".", StringComparison.Ordinal)))
            .Select(use => $"{use.User} uses {use.Used}");

        Assert.Empty(users.Distinct().Order());
    }

    [Fact]
    public void The_command_line_uses_the_infrastructure_only_in_its_composition_and_for_operations()
    {
        // It accesses sessions and the allow-list only through the application. Operations below the application are allowed.
        string[] open =
        [
            "Orion.Infrastructure.Configuration", "Orion.Infrastructure.Tokens", "Orion.Infrastructure.Persistence.Migrations",
            "Orion.Infrastructure.Availability", "Orion.Infrastructure.Backups", "Orion.Infrastructure.FileSystem", "Orion.Infrastructure.Models",
            "Orion.Infrastructure.RateLimiting",
        ];
        var users = UsesOf("Orion.Infrastructure", typeof(OrionCommandLine).Assembly)
            .Where(use => use.User != nameof(OrionHost) && !open.Contains(use.Used))
            .Select(use => $"{use.User} uses {use.Used}");

        Assert.Empty(users.Distinct().Order());
        Assert.DoesNotContain("Orion.Api", References(typeof(OrionCommandLine).Assembly));
    }

    [Fact]
    public void The_tools_of_the_Model_Context_Protocol_use_only_the_application()
    {
        var references = References(typeof(global::Orion.Mcp.OrionMcp).Assembly).Where(name => !name.StartsWith("System", StringComparison.Ordinal));

        Assert.Equal(["MediatR", "ModelContextProtocol.Core", "Orion.Application", "Orion.Domain"], references.Order(StringComparer.Ordinal));
    }

    private static List<string> References(Assembly assembly) => [.. assembly.GetReferencedAssemblies().Select(name => name.Name!)];

    // The types in the signatures and local variables of each type.
    private static IEnumerable<(string User, string Used)> UsesOf(string space, Assembly assembly)
    {
        const BindingFlags all = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var type in assembly.GetTypes())
        {
            var outermost = type;
            while (outermost.DeclaringType is { } outer) outermost = outer;
            var types = type.GetFields(all).Select(field => field.FieldType)
                .Concat(type.GetMethods(all).Cast<MethodBase>().Concat(type.GetConstructors(all)).SelectMany(TypesOf))
                .Append(type.BaseType)
                .Concat(type.GetInterfaces())
                .SelectMany(Parts);
            foreach (var used in types.Where(used => used.Namespace?.StartsWith(space, StringComparison.Ordinal) == true)) yield return (outermost.Name, used.Namespace!);
        }
    }

    private static IEnumerable<Type?> TypesOf(MethodBase method) =>
        method.GetParameters().Select(parameter => parameter.ParameterType)
            .Append((method as MethodInfo)?.ReturnType)
            .Concat(method.GetMethodBody()?.LocalVariables.Select(local => local.LocalType) ?? []);

    private static IEnumerable<Type> Parts(Type? type) => type is null ? []
        : type.HasElementType ? Parts(type.GetElementType())
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type)
        : [type];
}
