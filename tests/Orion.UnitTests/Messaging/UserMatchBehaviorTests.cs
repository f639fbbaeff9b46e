using Orion.Application.Messaging;
using Orion.Application.Sessions;
using Orion.Domain;
using Orion.Domain.Sessions;

namespace Orion.UnitTests.Messaging;

public sealed class UserMatchBehaviorTests
{
    private readonly UserMatchBehavior<DeleteSession, Result> _behavior = new();
    private bool _isHandled;

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ada@example.com")]
    [InlineData("ADA@Example.COM")]
    public async Task A_request_that_names_its_caller_or_nobody_is_handled(string? named)
    {
        Assert.Null((await Send(named)).Error);
        Assert.True(_isHandled);
    }

    [Theory]
    [InlineData("bob@example.com")]
    [InlineData(" ")]
    [InlineData("ada@example.com ")]
    [InlineData("ada")]
    [InlineData("*")]
    [InlineData("null")]
    [InlineData("ada@example.com,bob@example.com")]
    [InlineData("ad\u0430@example.com")]
    [InlineData("0195a5c1-3a00-7000-8000-000000000001")]
    public async Task A_request_that_names_anybody_else_is_refused_and_not_handled(string named)
    {
        var outcome = await Send(named);

        Assert.Equal(RequestErrors.UserMismatch, outcome.Error);
        Assert.Equal((ErrorKind.Forbidden, "user_mismatch"), (outcome.Error!.Kind, outcome.Error.Code));
        Assert.False(_isHandled);
    }

    private Task<Result> Send(string? named) => _behavior.Handle(
        new(Callers.Ada, SessionId.New(Given.Now), ExpectedVersions.Any, named is null ? null : (Result<string>)named),
        TestContext.Current.CancellationToken,
        () =>
        {
            _isHandled = true;
            return Task.FromResult(Result.Success);
        });
}
