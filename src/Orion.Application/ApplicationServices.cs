using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orion.Application.Concurrency;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Domain;

namespace Orion.Application;

/// <summary>Registers the application: the mediator, the handlers, the rules and the pipeline.</summary>
public static class ApplicationServices
{
    /// <summary>
    /// Adds the application. Infrastructure adds the ports. The pipeline runs in the order that stands here: the rules of a
    /// request, then whose behalf it names, then the end of a first request that it repeats, then its handler in a transaction,
    /// where a repeat is answered as before.
    /// </summary>
    public static IServiceCollection AddOrionApplication(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IDispatcher, Dispatcher>();
        services.AddSingleton(provider => new InFlightBytes(provider.GetRequiredService<TimeProvider>()));
        services.AddScoped<IMediator, Mediator>();
        services.AddScoped<ServiceFactory>(provider => provider.GetRequiredService);

        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(ValidationBehavior<,>));
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(UserMatchBehavior<,>));
        services.AddSingleton<InFlightRequests>();
        services.AddForRepeatable(typeof(DuplicateRequestBehavior<,>));
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(TransactionBehavior<,>));
        services.AddForRepeatable(typeof(IdempotencyBehavior<,>));

        ValidatorOptions.Global.PropertyNameResolver = (_, member, _) => member is null ? null : CamelCase(member.Name);
        services.AddValidatorsFromAssembly(typeof(ApplicationServices).Assembly, ServiceLifetime.Singleton, includeInternalTypes: true);
        foreach (var handler in typeof(ApplicationServices).Assembly.GetTypes().Where(type => !type.IsAbstract))
        {
            foreach (var service in handler.GetInterfaces().Where(IsHandler)) services.AddScoped(service, handler);
        }

        return services;
    }

    // The container closes an open generic with the types of the service alone, and a repeatable command's answer is none of these.
    private static void AddForRepeatable(this IServiceCollection services, Type behavior)
    {
        foreach (var command in typeof(ApplicationServices).Assembly.GetTypes().Where(type => !type.IsAbstract))
        {
            foreach (var repeatable in command.GetInterfaces().Where(IsRepeatable))
            {
                var answer = repeatable.GetGenericArguments()[0];
                var outcome = typeof(Result<>).MakeGenericType(typeof(IdempotentResult<>).MakeGenericType(answer));
                services.AddScoped(typeof(IPipelineBehavior<,>).MakeGenericType(command, outcome), behavior.MakeGenericType(command, answer));
            }
        }
    }

    private static bool IsRepeatable(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IIdempotentCommand<>);

    private static bool IsHandler(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IRequestHandler<,>);

    private static string CamelCase(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
