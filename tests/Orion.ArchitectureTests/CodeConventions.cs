using System.Reflection;
using System.Runtime.CompilerServices;
using MediatR;
using Orion.Application.Messaging;
using Orion.Application.Replies;
using Orion.Application.Sessions;
using Orion.Application.Tokens;
using Orion.Application.Users;
using Orion.Cli;
using Orion.Domain;
using Orion.Infrastructure.Configuration;

namespace Orion.ArchitectureTests;

/// <summary>The conventions of use cases, ports and types.</summary>
public sealed class CodeConventions
{
    // Requests without a caller, each with its reason. A new one must be added here.
    private static readonly string[] WithoutCaller =
    [
        "AuthenticateCaller", // determines the caller
        "SyncConfiguredOwner", // the settings' owner, at start
        "DeleteExpiredIdempotencyRecords", // a background task
        "ListUsers", "GrantAccess", "RevokeAccess", "SignOut", "EraseUser", // the operator manages the allow-list
        "ListOwners", // the operator exports and imports the data of all users
        "Impersonate", // the operator acts on behalf of a user
    ];

    private static readonly Assembly[] All =
    [
        typeof(Error).Assembly, typeof(Caller).Assembly, typeof(OrionSettings).Assembly, typeof(global::Orion.Api.Program).Assembly,
        typeof(OrionCommandLine).Assembly,
    ];

    private static readonly IReadOnlyList<Type> Requests =
        [.. typeof(Caller).Assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false } && type.GetInterfaces().Any(Is(typeof(IRequest<>))))];

    [Fact]
    public void Every_request_has_a_caller_or_is_on_a_closed_list()
    {
        Assert.NotEmpty(Requests);
        Assert.All(Requests, request => Assert.True(
            request.IsAssignableTo(typeof(ICallerRequest)) != request.IsAssignableTo(typeof(ISystemRequest)), request.Name));
        Assert.All(Requests.Where(request => request.IsAssignableTo(typeof(ISystemRequest))), request => Assert.Contains(request.Name, WithoutCaller));
    }

    [Fact]
    public void Handlers_and_rules_are_internal_and_sealed()
    {
        var handlers = typeof(Caller).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false }
                && (type.GetInterfaces().Any(Is(typeof(IRequestHandler<,>))) || type.IsAssignableTo(typeof(FluentValidation.IValidator))))
            .ToList();

        Assert.NotEmpty(handlers);
        Assert.All(handlers, handler => Assert.True(handler is { IsSealed: true, IsNotPublic: true }, handler.Name));
    }

    [Fact]
    public void Every_request_has_one_handler()
    {
        var handled = typeof(Caller).Assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false })
            .SelectMany(type => type.GetInterfaces().Where(Is(typeof(IRequestHandler<,>))).Select(handler => handler.GetGenericArguments()[0]));

        Assert.Equal(Requests.Select(request => request.Name).Order(), handled.Select(request => request.Name).Order());
    }

    [Fact]
    public void Only_the_transaction_behavior_saves_and_only_requests_that_check_the_token_again_mint()
    {
        // The operator presents no token.
        string[] withoutToken = ["MintUserTokenHandler"];
        var types = typeof(Caller).Assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false }).ToList();

        Assert.Equal(["TransactionBehavior`2"], types.Where(type => Requires(type, typeof(IUnitOfWork))).Select(type => type.Name));
        Assert.All(
            types.Where(type => Requires(type, typeof(ITokenMinter)) && !withoutToken.Contains(type.Name)),
            type => Assert.True(Requires(type, typeof(IAccessCheck)), type.Name));
        // The search index derives rows from stored ones, and has no caller.
        Assert.Equal(
            ["UnitOfWork.cs", "SearchIndexer.cs"],
            SourceFiles("SaveChangesAsync(").Concat(SourceFiles("CommitAsync(")).Distinct());
    }

    [Fact]
    public void No_port_reaches_sessions_without_a_caller()
    {
        var methods = typeof(ISessions).Assembly.GetTypes()
            .Where(type => type.IsInterface && type.Namespace == typeof(ISessions).Namespace)
            .Append(typeof(IReplies))
            .SelectMany(type => type.GetMethods())
            .ToList();

        Assert.NotEmpty(methods);
        Assert.All(methods, method => Assert.True(
            method.GetParameters().Any(parameter => parameter.ParameterType == typeof(Caller)), $"{method.DeclaringType!.Name}.{method.Name}"));
    }

    [Fact]
    public void No_type_has_a_generic_name()
    {
        string[] words = ["Common", "Helper", "Helpers", "Util", "Utils", "Utilities", "Behaviours", "Behaviors", "Models", "Services", "Manager", "Misc", "Shared"];
        var types = All.SelectMany(assembly => assembly.GetTypes()).Where(IsWritten).ToList();

        Assert.NotEmpty(types);
        Assert.All(types, type =>
        {
            // The clients of language models are in a folder with this name.
            if (type.Namespace != "Orion.Infrastructure.Models") Assert.DoesNotContain((type.Namespace ?? "").Split('.'), words.Contains);
            // Classes that register services have this suffix: AddOrionApplication() is in ApplicationServices.
            var name = type.Name.Split('`')[0];
            if (name.EndsWith("Services", StringComparison.Ordinal) && AddsServices(type)) return;
            Assert.DoesNotContain(words, word => name.EndsWith(word, StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Domain_properties_have_no_public_setters()
    {
        var setters = typeof(Error).Assembly.GetTypes().Where(IsWritten)
            .SelectMany(type => type.GetProperties())
            .Where(property => property.SetMethod is { IsPublic: true } setter && !IsInit(setter))
            .Select(property => $"{property.DeclaringType!.Name}.{property.Name}");
        var fields = typeof(Error).Assembly.GetTypes().Where(IsWritten)
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(field => !field.IsSpecialName)
            .Select(field => $"{field.DeclaringType!.Name}.{field.Name}");

        Assert.Empty(setters.Concat(fields));
    }

    [Fact]
    public void Classes_without_derived_classes_are_sealed()
    {
        var types = All.SelectMany(assembly => assembly.GetTypes()).Where(IsWritten).ToList();
        var bases = types.Select(type => type.BaseType is { IsGenericType: true } generic ? generic.GetGenericTypeDefinition() : type.BaseType).ToHashSet();

        Assert.Empty(types.Where(type => type is { IsClass: true, IsAbstract: false, IsSealed: false } && !bases.Contains(type) && type.Name != "Program"
            && type.Namespace?.Contains("Migrations", StringComparison.Ordinal) != true).Select(type => type.FullName));
    }

    private static bool Requires(Type type, Type port) =>
        type.GetConstructors().SelectMany(constructor => constructor.GetParameters()).Any(parameter => parameter.ParameterType == port);

    private static IEnumerable<string> SourceFiles(string text, [CallerFilePath] string here = "") => Directory
        .EnumerateFiles(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "src"), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && File.ReadAllText(file).Contains(text, StringComparison.Ordinal))
        .Select(file => Path.GetFileName(file));

    private static bool AddsServices(Type type) =>
        type is { IsAbstract: true, IsSealed: true }
        && type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Any(method => method.GetParameters() is [{ ParameterType.Name: "IServiceCollection" }, ..]);

    private static bool IsInit(MethodInfo setter) => setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static bool IsWritten(Type type) =>
        type.Namespace?.StartsWith("Orion", StringComparison.Ordinal) == true
        && !type.Name.Contains('<', StringComparison.Ordinal) && type.GetCustomAttribute<CompilerGeneratedAttribute>() is null
        && type.DeclaringType?.Name.Contains('<', StringComparison.Ordinal) != true;

    private static Func<Type, bool> Is(Type generic) => type => type.IsGenericType && type.GetGenericTypeDefinition() == generic;
}
