using Orion.Cli;

namespace Orion.UnitTests.Cli;

/// <summary>What is found wrong on a command line before anything is read or asked.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("token mint --expires soon")]
    [InlineData("token mint --expires 0s")]
    [InlineData("token mint --user nobody")]
    [InlineData("token mint --session session_1760341989640_0qlzxmdkmjjj")]
    [InlineData("token mint --unknown x")]
    [InlineData("users grant nobody")]
    [InlineData("users revoke")]
    [InlineData("users grant @file")]
    [InlineData("migrate --check --script")]
    [InlineData("import")]
    [InlineData("import --file a --from postgresql://orion@localhost/chat")]
    [InlineData("import --from sqlite:chat.db")]
    [InlineData("import --from postgresql://orion@localhost")]
    [InlineData("import --from postgresql://orion@db.example.com/chat?sslmode=prefer")]
    [InlineData("export --user nobody")]
    [InlineData("users erase nobody")]
    [InlineData("nothing")]
    [InlineData("token")]
    public async Task What_is_not_understood_is_one_line_and_exit_code_64(string line)
    {
        var (code, output, error) = await Run(line.Split(' '));

        Assert.Equal(64, code);
        Assert.Empty(output);
        Assert.StartsWith("orion: ", error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("token mint --help")]
    [InlineData("users --help")]
    [InlineData("import --help")]
    [InlineData("export --help")]
    [InlineData("users erase --help")]
    public async Task Help_is_no_error(string line)
    {
        var (code, output, error) = await Run(line.Split(' '));

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("import --form postgresql://orion:hunter2@localhost/chat")]
    [InlineData("import --from postgresql://orion:hunter2@localhost/chat#x")]
    [InlineData("import postgresql://orion:hunt@er2@localhost/chat")]
    public async Task The_password_of_an_address_is_not_repeated(string line)
    {
        var (code, _, error) = await Run(line.Split(' '));

        Assert.Equal(64, code);
        Assert.DoesNotContain("hunt", error, StringComparison.Ordinal);
        Assert.DoesNotContain("er2", error, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> Run(string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await OrionCommandLine.Run(args, TextReader.Null, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
