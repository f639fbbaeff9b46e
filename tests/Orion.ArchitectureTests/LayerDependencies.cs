using System.Reflection;
using Orion.Application.Messaging;
using Orion.Cli;
using Orion.Cli.Execution;
using Orion.Domain;
using Orion.Infrastructure.Configuration;

namespace Orion.ArchitectureTests;

/// <summary>Which layer may know which: Api, Cli → Infrastructure → Application → Domain, one way.</summary>
public sealed class LayerDependencies
{
    private static readonly Assembly Domain = typeof(Error).Assembly;
    private static readonly Assembly Application = typeof(Caller).Assembly;
    private static readonly Assembly Infrastructure = typeof(OrionSettings).Assembly;

    [Fact]
    public void The_domain_knows_nothing_but_the_framework()
    {
        var known = References(Domain);

        Assert.NotEmpty(known);
        Assert.All(known, name => Assert.StartsWith("System", name, StringComparison.Ordinal));
    }

    [Fact]
    public void The_application_knows_the_domain_and_neither_EF_Core_nor_ASP_NET_nor_a_database()
    {
        string[] allowed = ["Orion.Domain", "MediatR", "FluentValidation", "FluentValidation.DependencyInjectionExtensions"];

        var known = References(Application).Where(name => !name.StartsWith("System", StringComparison.Ordinal)).ToList();

        Assert.Contains("Orion.Domain", known);
        Assert.All(known, name => Assert.True(
            allowed.Contains(name) || name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal), name));
    }

    [Fact]
    public void The_infrastructure_does_not_know_the_API()
    {
        var known = References(Infrastructure);

        Assert.DoesNotContain("Orion.Api", known);
        Assert.DoesNotContain("Orion.Cli", known);
        Assert.DoesNotContain(known, name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
    }

    [Fact]
    public void The_API_uses_the_infrastructure_in_its_composition_alone()
    {
        // Beside the composition, settings may be read, and authentication asks the verifier of tokens.
        string[] open = ["Orion.Infrastructure.Configuration", "Orion.Infrastructure.Tokens"];
        string[] composition = ["Program"];
        var users = UsesOf("Orion.Infrastructure", typeof(global::Orion.Api.Program).Assembly)
            .Where(use => !composition.Contains(use.User) && !open.Any(space => use.Used == space || use.Used.StartsWith(space + ".", StringComparison.Ordinal)))
            .Select(use => $"{use.User} uses {use.Used}");

        Assert.Empty(users.Distinct().Order());
    }

    [Fact]
    public void The_command_line_uses_the_infrastructure_in_its_composition_and_for_what_an_operator_does_alone()
    {
        // Sessions and the allow-list it reaches through the application; what is below the application is the operator's, too.
        string[] open =
        [
            "Orion.Infrastructure.Configuration", "Orion.Infrastructure.Tokens", "Orion.Infrastructure.Persistence.Migrations",
            "Orion.Infrastructure.Availability", "Orion.Infrastructure.Backups", "Orion.Infrastructure.FileSystem",
        ];
        var users = UsesOf("Orion.Infrastructure", typeof(OrionCommandLine).Assembly)
            .Where(use => use.User != nameof(OrionHost) && !open.Contains(use.Used))
            .Select(use => $"{use.User} uses {use.Used}");

        Assert.Empty(users.Distinct().Order());
        Assert.DoesNotContain("Orion.Api", References(typeof(OrionCommandLine).Assembly));
    }

    private static List<string> References(Assembly assembly) => [.. assembly.GetReferencedAssemblies().Select(name => name.Name!)];

    // By signature: what the fields, constructors, methods and properties of each type speak of.
    private static IEnumerable<(string User, string Used)> UsesOf(string space, Assembly assembly)
    {
        const BindingFlags all = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var type in assembly.GetTypes())
        {
            var outermost = type;
            while (outermost.DeclaringType is { } outer) outermost = outer;
            var spoken = type.GetFields(all).Select(field => field.FieldType)
                .Concat(type.GetMethods(all).Cast<MethodBase>().Concat(type.GetConstructors(all)).SelectMany(Spoken))
                .Append(type.BaseType)
                .Concat(type.GetInterfaces())
                .SelectMany(Parts);
            foreach (var used in spoken.Where(used => used.Namespace?.StartsWith(space, StringComparison.Ordinal) == true)) yield return (outermost.Name, used.Namespace!);
        }
    }

    private static IEnumerable<Type?> Spoken(MethodBase method) =>
        method.GetParameters().Select(parameter => parameter.ParameterType)
            .Append((method as MethodInfo)?.ReturnType)
            .Concat(method.GetMethodBody()?.LocalVariables.Select(local => local.LocalType) ?? []);

    private static IEnumerable<Type> Parts(Type? type) => type is null ? []
        : type.HasElementType ? Parts(type.GetElementType())
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type)
        : [type];
}
