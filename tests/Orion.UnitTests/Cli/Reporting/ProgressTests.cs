using Microsoft.Extensions.Time.Testing;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;

namespace Orion.UnitTests.Cli.Reporting;

public sealed class ProgressTests
{
    [Fact]
    public void Progress_is_shown_a_few_times_a_second_then_erased_and_only_on_a_terminal()
    {
        using var error = new StringWriter();
        var clock = new FakeTimeProvider();
        using (var progress = new Progress(new Terminal(TextReader.Null, TextWriter.Null, error, isErrorTerminal: true), clock, "messages"))
        {
            progress.Report((0, 1000));
            progress.Report((100, 1000));
            clock.Advance(TimeSpan.FromSeconds(1));
            progress.Report((500, 1000));
        }

        Assert.Equal(3, error.ToString().Split('\r', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("500 of 1,000 messages, 500/s", error.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(" \r", error.ToString(), StringComparison.Ordinal);

        using var file = new StringWriter();
        using (var progress = new Progress(new Terminal(TextReader.Null, TextWriter.Null, file), clock, "messages")) progress.Report((1, 2));
        Assert.Empty(file.ToString());
    }
}
