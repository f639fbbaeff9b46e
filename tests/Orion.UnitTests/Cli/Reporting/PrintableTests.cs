using Orion.Cli.Reporting;

namespace Orion.UnitTests.Cli.Reporting;

public sealed class PrintableTests
{
    [Theory]
    [InlineData("you@example.com", "you@example.com")]
    [InlineData("\u001b[2J", @"\u{1b}[2J")]
    [InlineData("a\u202eb\nc", @"a\u{202e}b\u{a}c")]
    [InlineData("é👩", @"\u{e9}\u{1f469}")]
    public void Untrusted_names_cannot_control_the_terminal(string name, string shown) => Assert.Equal(shown, Printable.Of(name));

    [Fact]
    public void Long_names_are_cut() => Assert.InRange(Printable.Of(new string('\n', 1000)).Length, 80, 100);
}
