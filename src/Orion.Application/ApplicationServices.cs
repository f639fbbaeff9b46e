using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orion.Application.Idempotency;
using Orion.Application.Pipeline;
using Orion.Application.Requests;
using Orion.Application.Sessions;
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
        services.AddScoped<IMediator, Mediator>();
        services.AddScoped<ServiceFactory>(provider => provider.GetRequiredService);

        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(Validate<,>));
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(RefuseOtherUsers<,>));
        services.AddSingleton<RunningRequests>();
        services.AddWaitForFirst<CreateSession, SessionView>();
        services.AddWaitForFirst<AppendMessage, MessageView>();
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(Commit<,>));
        services.AddAnswerRepeats<CreateSession, SessionView>();
        services.AddAnswerRepeats<AppendMessage, MessageView>();

        ValidatorOptions.Global.PropertyNameResolver = (_, member, _) => member is null ? null : CamelCase(member.Name);
        services.AddValidatorsFromAssembly(typeof(ApplicationServices).Assembly, ServiceLifetime.Singleton, includeInternalTypes: true);
        foreach (var handler in typeof(ApplicationServices).Assembly.GetTypes().Where(type => !type.IsAbstract))
        {
            foreach (var service in handler.GetInterfaces().Where(IsHandler)) services.AddScoped(service, handler);
        }

        return services;
    }

    // The container closes an open generic with the types of the service alone, and these do not stand there one by one.
    private static void AddWaitForFirst<TCommand, T>(this IServiceCollection services)
        where TCommand : IRepeatable<T>
        where T : class =>
        services.AddScoped<IPipelineBehavior<TCommand, Result<Written<T>>>, WaitForFirst<TCommand, T>>();

    private static void AddAnswerRepeats<TCommand, T>(this IServiceCollection services)
        where TCommand : IRepeatable<T>
        where T : class =>
        services.AddScoped<IPipelineBehavior<TCommand, Result<Written<T>>>, AnswerRepeats<TCommand, T>>();

    private static bool IsHandler(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IRequestHandler<,>);

    private static string CamelCase(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
