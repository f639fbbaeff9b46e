using System.Globalization;
using Orion.Cli;

namespace Orion.UnitTests.Cli.Execution;

/// <summary>Errors of a command line that are found before settings are read.</summary>
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
    public async Task An_invalid_command_line_is_one_line_and_exit_code_64(string line)
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
    public async Task Help_is_not_an_error(string line)
    {
        var (code, output, error) = await Run(line.Split(' '));

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_command_all_commands_are_listed_with_one_sentence_each()
    {
        var (code, output, error) = await Run(["--environment", "Development"]);

        Assert.Equal((0, ""), (code, error));
        Assert.Equal(output, (await Run([])).Output);
        Assert.Matches("(?m)^  migrate +Bring the database to this version, [^.]+\\.\r?$", output);
        Assert.DoesNotContain("docker compose", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("token", "orion: The commands of orion token are: mint, inspect. (See: orion token --help)")]
    [InlineData("token mnt", "orion: Unknown command 'mnt'. The commands of orion token are: mint, inspect. (See: orion token --help)")]
    [InlineData("token mint --expires soon", "orion: --expires is not a duration: write 90s, 15m, 1h or 1d. (See: orion token mint --help)")]
    public async Task An_error_lists_the_commands_and_refers_to_the_help(string line, string complaint)
    {
        Assert.Equal(complaint, (await Run(line.Split(' '))).Error.Trim());
    }

    [Fact]
    public async Task A_closed_standard_error_does_not_change_the_exit_code()
    {
        using var error = new ClosedWriter();

        Assert.Equal(64, await OrionCommandLine.Run(["token", "inspect", "--environment", "Development"], TextReader.Null, TextWriter.Null, error));
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

    [Theory]
    [InlineData("token inspect {0}")]
    [InlineData("token inspect Bearer {0}")]
    [InlineData("token inspect --token {0}")]
    [InlineData("token {0}")]
    [InlineData("token mint {0}")]
    [InlineData("users list {0}")]
    public async Task A_token_on_the_command_line_is_not_repeated(string line)
    {
        const string Token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";

        var (code, _, error) = await Run(string.Format(CultureInfo.InvariantCulture, line, Token).Split(' '));

        Assert.Equal(64, code);
        Assert.All(Token.Split('.'), part => Assert.DoesNotContain(part, error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Inspect_reports_where_it_reads_the_token_and_repeats_no_argument()
    {
        var (code, _, error) = await Run(["token", "inspect", "no-jwt-but-secret"]);

        Assert.Equal(64, code);
        Assert.Contains("standard input", error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> Run(string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await OrionCommandLine.Run(args, TextReader.Null, output, error);
        return (code, output.ToString(), error.ToString());
    }

    private sealed class ClosedWriter : StringWriter
    {
        public override Task WriteAsync(string? value) => throw new IOException("closed");
    }
}
