using Orion.Cli.Execution;
using Orion.Cli.Users;
using Orion.Domain.Users;

namespace Orion.UnitTests.Cli.Users;

public sealed class EraseCommandTests
{
    [Theory]
    [InlineData("you@example.com\n", true)]
    [InlineData(" YOU@example.com \n", true)]
    [InlineData("yes\n", false)]
    [InlineData("y\n", false)]
    [InlineData("", false)]
    public async Task Erasing_is_confirmed_by_typing_the_address(string typed, bool isConfirmed)
    {
        Assert.True(EmailAddress.TryParse("you@example.com", out var user));
        var terminal = new Terminal(new StringReader(typed), TextWriter.Null, TextWriter.Null, isInputTerminal: true);

        var failure = await Record.ExceptionAsync(() => EraseCommand.Confirm(terminal, user, TestContext.Current.CancellationToken));

        Assert.Equal(isConfirmed, failure is null);
        Assert.True(failure is null or CommandFailedException { ExitCode: ExitCodes.Failed });
    }

    [Fact]
    public async Task Without_a_terminal_there_is_no_prompt()
    {
        Assert.True(EmailAddress.TryParse("you@example.com", out var user));
        using var error = new StringWriter();
        var terminal = new Terminal(new StringReader("you@example.com\n"), TextWriter.Null, error);

        var failure = await Assert.ThrowsAsync<CommandFailedException>(() => EraseCommand.Confirm(terminal, user, TestContext.Current.CancellationToken));

        Assert.Contains("--yes", failure.Message, StringComparison.Ordinal);
        Assert.Empty(error.ToString());
    }

    [Fact]
    public async Task The_prompt_can_be_interrupted()
    {
        Assert.True(EmailAddress.TryParse("you@example.com", out var user));
        using var input = new SilentReader();
        using var interrupt = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        var terminal = new Terminal(input, TextWriter.Null, TextWriter.Null, isInputTerminal: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => EraseCommand.Confirm(terminal, user, interrupt.Token));
    }

    // As a console, it blocks until a line is typed.
    private sealed class SilentReader : TextReader
    {
        private readonly ManualResetEventSlim _closed = new();

        public override string? ReadLine()
        {
            _closed.Wait();
            return null;
        }

        protected override void Dispose(bool disposing)
        {
            _closed.Set();
            base.Dispose(disposing);
        }
    }
}
