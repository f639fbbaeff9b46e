using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orion.Application.Concurrency;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Application.Replies;
using Orion.Domain;

namespace Orion.Application;

/// <summary>Registers the mediator, the handlers, the validators and the pipeline.</summary>
public static class ApplicationServices
{
    /// <summary>
    /// Adds the application. The infrastructure adds the implementations of its ports. The behaviors run in the order of their
    /// registration: validation, the user's match, the wait for a duplicate request, the transaction, and inside it the stored result.
    /// </summary>
    public static IServiceCollection AddOrionApplication(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IDispatcher, Dispatcher>();
        services.AddSingleton(provider => new InFlightBytes(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<UnstoredReplies>();
        // Transient, because each is resolved once for a request, and a scope has to store and find its own services.
        services.AddTransient<IMediator, Mediator>();
        services.AddTransient<ServiceFactory>(provider => provider.GetRequiredService);

        services.AddSingleton(typeof(IPipelineBehavior<,>), typeof(ValidationBehavior<,>));
        services.AddSingleton(typeof(IPipelineBehavior<,>), typeof(UserMatchBehavior<,>));
        services.AddSingleton<InFlightRequests>();
        services.AddForIdempotentCommands(typeof(DuplicateRequestBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(TransactionBehavior<,>));
        services.AddForIdempotentCommands(typeof(IdempotencyBehavior<,>));

        services.AddTransient<ReplyEnding>();

        ValidatorOptions.Global.PropertyNameResolver = (_, member, _) => member is null ? null : CamelCase(member.Name);
        services.AddValidatorsFromAssembly(typeof(ApplicationServices).Assembly, ServiceLifetime.Singleton, includeInternalTypes: true);
        foreach (var handler in typeof(ApplicationServices).Assembly.GetTypes().Where(type => !type.IsAbstract))
        {
            foreach (var service in handler.GetInterfaces().Where(IsHandler)) services.AddTransient(service, handler);
        }

        return services;
    }

    // The container closes an open generic type with the type arguments of the service only. The value's type is not one of them.
    private static void AddForIdempotentCommands(this IServiceCollection services, Type behavior)
    {
        foreach (var command in typeof(ApplicationServices).Assembly.GetTypes().Where(type => !type.IsAbstract))
        {
            foreach (var idempotent in command.GetInterfaces().Where(IsIdempotentCommand))
            {
                var value = idempotent.GetGenericArguments()[0];
                var outcome = typeof(Result<>).MakeGenericType(typeof(IdempotentResult<>).MakeGenericType(value));
                services.AddTransient(typeof(IPipelineBehavior<,>).MakeGenericType(command, outcome), behavior.MakeGenericType(command, value));
            }
        }
    }

    private static bool IsIdempotentCommand(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IIdempotentCommand<>);

    private static bool IsHandler(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IRequestHandler<,>);

    private static string CamelCase(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
