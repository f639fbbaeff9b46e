using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Orion.Application;
using Orion.Application.Messaging;

namespace Orion.UnitTests.Messaging;

public sealed class ApplicationServicesTests : IDisposable
{
    private static readonly Type[] Requests =
        typeof(ApplicationServices).Assembly.GetTypes().Where(type => !type.IsAbstract && OutcomesOf(type).Any()).ToArray();

    private readonly ApplicationHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void There_are_requests() => Assert.Contains(Requests, request => request.Name == "CreateSession");

    [Fact]
    public void Every_request_has_exactly_one_handler_that_can_be_made()
    {
        using var scope = _host.Services.CreateScope();
        foreach (var request in Requests)
        {
            var outcome = Assert.Single(OutcomesOf(request));
            var handlers = scope.ServiceProvider.GetServices(typeof(IRequestHandler<,>).MakeGenericType(request, outcome));
            Assert.True(handlers.Count() == 1, $"{request.Name} has {handlers.Count()} handlers.");
        }
    }

    [Fact]
    public void Every_set_of_rules_is_found_by_its_request()
    {
        var rules = typeof(ApplicationServices).Assembly.GetTypes()
            .Where(type => !type.IsAbstract && typeof(IValidator).IsAssignableFrom(type));
        foreach (var rule in rules)
        {
            var request = rule.BaseType!.GetGenericArguments().Single();
            var found = _host.Services.GetServices(typeof(IValidator<>).MakeGenericType(request));
            Assert.Contains(found, service => service!.GetType() == rule);
            Assert.Contains(request, Requests);
        }
    }

    [Fact]
    public void Every_request_has_a_caller_or_is_marked_to_have_none()
    {
        foreach (var request in Requests)
        {
            var hasCaller = typeof(ICallerRequest).IsAssignableFrom(request);
            Assert.True(hasCaller != typeof(ISystemRequest).IsAssignableFrom(request), request.Name);
        }
    }

    [Fact]
    public void A_clock_that_was_registered_before_stays() =>
        Assert.Same(_host.Clock, _host.Services.GetRequiredService<TimeProvider>());

    [Fact]
    public void Without_a_clock_it_is_the_systems()
    {
        using var services = new ServiceCollection().AddOrionApplication().BuildServiceProvider();

        Assert.Same(TimeProvider.System, services.GetRequiredService<TimeProvider>());
    }

    private static IEnumerable<Type> OutcomesOf(Type request) => request.GetInterfaces()
        .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IRequest<>))
        .Select(type => type.GetGenericArguments().Single());
}
