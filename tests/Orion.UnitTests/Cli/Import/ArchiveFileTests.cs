using System.Text;
using Microsoft.Extensions.Time.Testing;
using Orion.Cli.Execution;
using Orion.Cli.Import;
using Orion.Cli.Reporting;
using Orion.Cli.Users;
using Orion.Domain.Users;

namespace Orion.UnitTests.Cli.Import;

/// <summary>What moving data says and asks on a terminal, and how it reads files.</summary>
public sealed class ArchiveFileTests
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

        var refused = await Record.ExceptionAsync(() => EraseCommand.Confirm(terminal, user, TestContext.Current.CancellationToken));

        Assert.Equal(isConfirmed, refused is null);
        Assert.True(refused is null or CommandRefusedException { ExitCode: ExitCodes.Refused });
    }

    [Fact]
    public async Task Where_nobody_can_answer_nobody_is_asked()
    {
        Assert.True(EmailAddress.TryParse("you@example.com", out var user));
        using var error = new StringWriter();
        var terminal = new Terminal(new StringReader("you@example.com\n"), TextWriter.Null, error);

        var refused = await Assert.ThrowsAsync<CommandRefusedException>(() => EraseCommand.Confirm(terminal, user, TestContext.Current.CancellationToken));

        Assert.Contains("--yes", refused.Message, StringComparison.Ordinal);
        Assert.Empty(error.ToString());
    }

    [Fact]
    public void Progress_is_shown_a_few_times_a_second_and_taken_away_and_not_where_nobody_looks()
    {
        using var error = new StringWriter();
        var clock = new FakeTimeProvider();
        using (var progress = new Progress(new Terminal(TextReader.Null, TextWriter.Null, error, isErrorTerminal: true), clock, "messages"))
        {
            progress.Show(0, 1000);
            progress.Show(100, 1000);
            clock.Advance(TimeSpan.FromSeconds(1));
            progress.Show(500, 1000);
        }

        Assert.Equal(3, error.ToString().Split('\r', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("500 of 1,000 messages, 500/s", error.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(" \r", error.ToString(), StringComparison.Ordinal);

        using var file = new StringWriter();
        using (var progress = new Progress(new Terminal(TextReader.Null, TextWriter.Null, file), clock, "messages")) progress.Show(1, 2);
        Assert.Empty(file.ToString());
    }

    [Theory]
    [InlineData("you@example.com", "you@example.com")]
    [InlineData("\u001b[2J", @"\u{1b}[2J")]
    [InlineData("a\u202eb\nc", @"a\u{202e}b\u{a}c")]
    [InlineData("é👩", @"\u{e9}\u{1f469}")]
    public void Names_from_elsewhere_cannot_move_the_cursor(string name, string shown) => Assert.Equal(shown, Printable.Of(name));

    [Fact]
    public void Long_names_are_cut() => Assert.InRange(Printable.Of(new string('\n', 1000)).Length, 80, 100);

    [Fact]
    public async Task Lines_are_counted_and_bounded_and_must_be_UTF_8()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var lines = Lines([.. Encoding.UTF8.GetBytes("one\ntwo é"), (byte)'\n', .. new byte[3 * 1024 * 1024]]);
        Assert.Equal("one", await lines.Next(cancellation));
        Assert.Equal("two é", await lines.Next(cancellation));
        var tooLong = await Assert.ThrowsAsync<CommandRefusedException>(async () => await lines.Next(cancellation));
        Assert.StartsWith("Line 3 ", tooLong.Message, StringComparison.Ordinal);

        using var broken = Lines([(byte)'a', 0xC3, (byte)'\n']);
        Assert.StartsWith(
            "Line 1 ", (await Assert.ThrowsAsync<CommandRefusedException>(async () => await broken.Next(cancellation))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no export")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"type":"other"}""")]
    [InlineData("""{"type":"end","sessions":0}""")]
    [InlineData("""{"type":"end","sessions":0,"messages":0,"more":1}""")]
    [InlineData("""{"type":"end","sessions":0,"sessions":0,"messages":0}""")]
    [InlineData("""{"type":"export","format":1,"userId":null}""")]
    [InlineData("""{"type":"end","sessions":0,"messages":0} x""")]
    public void What_is_no_line_of_an_export_is_none(string line) => Assert.Null(ArchiveLine.Read(line));

    private static ArchiveLines Lines(byte[] bytes) =>
        new(new StreamReader(new MemoryStream(bytes), new UTF8Encoding(false, throwOnInvalidBytes: true)));
}
