using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Orion.Application;
using Orion.Application.Availability;
using Orion.Application.Idempotency;
using Orion.Application.Messaging;
using Orion.Application.Replies;
using Orion.Application.Retention;
using Orion.Application.Search;
using Orion.Application.Sessions;
using Orion.Application.Tokens;
using Orion.Application.Users;

namespace Orion.UnitTests.Fixtures;

/// <summary>The application with its registered services and substitutes for its ports.</summary>
internal sealed class ApplicationHost : IDisposable
{
    private readonly ServiceProvider _services;

    internal ApplicationHost()
    {
        Work.Begin(Arg.Any<Caller?>(), Arg.Any<CancellationToken>()).Returns(Changes);
        _services = new ServiceCollection()
            .AddOrionApplication()
            .AddSingleton<TimeProvider>(Clock)
            .AddSingleton(Sessions)
            .AddSingleton(Users)
            .AddSingleton(Authorizations)
            .AddSingleton(Work)
            .AddSingleton(Database)
            .AddSingleton(IdempotencyStore)
            .AddSingleton(SessionTokens)
            .AddSingleton(Minter)
            .AddSingleton(Access)
            .AddSingleton(TokenAudit)
            .AddSingleton(Substitute.For<IErasure>())
            .AddSingleton(Substitute.For<ISearchIndex>())
            .AddSingleton(Substitute.For<IReplies>())
            .AddSingleton(Substitute.For<IReplyRunner>())
            .AddSingleton(Substitute.For<IModelClient>())
            .AddSingleton(new ReplyLimits(SystemPrompt: null, ContextCharacters: 1000, MaxDuration: TimeSpan.FromMinutes(10), PerUser: 4))
            .AddSingleton(Substitute.For<IRetentionClock>())
            .AddSingleton(new RetentionPolicy(MaxAge: TimeSpan.FromDays(30)))
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }

    internal FakeTimeProvider Clock { get; } = new(Given.Now);

    internal ISessions Sessions { get; } = Substitute.For<ISessions>();

    internal IAuthorizedUsers Users { get; } = Substitute.For<IAuthorizedUsers>();

    internal IAuthorizedUserCache Authorizations { get; } = Substitute.For<IAuthorizedUserCache>();

    internal IUnitOfWork Work { get; } = Substitute.For<IUnitOfWork>();

    internal ITransaction Changes { get; } = Substitute.For<ITransaction>();

    internal IDatabaseHealth Database { get; } = Substitute.For<IDatabaseHealth>();

    internal IIdempotencyStore IdempotencyStore { get; } = Substitute.For<IIdempotencyStore>();

    internal ISessionTokenValidity SessionTokens { get; } = Substitute.For<ISessionTokenValidity>();

    internal ITokenMinter Minter { get; } = Substitute.For<ITokenMinter>();

    internal IAccessCheck Access { get; } = Substitute.For<IAccessCheck>();

    internal ITokenAudit TokenAudit { get; } = Substitute.For<ITokenAudit>();

    internal IServiceProvider Services => _services;

    internal Task<TOutcome> Send<TOutcome>(IRequest<TOutcome> request) =>
        _services.GetRequiredService<IDispatcher>().Send(request, TestContext.Current.CancellationToken);

    public void Dispose() => _services.Dispose();
}
