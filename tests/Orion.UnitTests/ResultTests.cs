using Orion.Domain;

namespace Orion.UnitTests;

public sealed class ResultTests
{
    private static readonly Error Failure = new(ErrorKind.Conflict, "conflict", "Not now.");

    [Fact]
    public void A_value_is_a_success()
    {
        Result<int> result = 7;

        Assert.Null(result.Error);
        Assert.Equal(7, result.Value);
    }

    [Fact]
    public void An_error_is_a_failure_that_has_no_value()
    {
        Result<int> result = Failure;

        Assert.Same(Failure, result.Error);
        Assert.Throws<InvalidOperationException>(() => result.Value);
    }

    [Fact]
    public void An_outcome_without_a_value_is_a_success_or_an_error()
    {
        Result failed = Failure;

        Assert.Null(Result.Success.Error);
        Assert.Same(Failure, failed.Error);
    }
}
