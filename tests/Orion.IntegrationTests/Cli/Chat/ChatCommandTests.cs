using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Orion.Cli.Chat;
using Orion.Cli.Execution;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.IntegrationTests.Cli.Chat;

/// <summary><c>orion chat</c> against a running service.</summary>
[Collection(CliOnSqlite.Name)]
public sealed class ChatCommandTests(SqliteOrion orion) : CommandTests(orion)
{
    private string Url => Server.Http.BaseAddress!.ToString();

    [Fact]
    public async Task A_question_from_a_pipe_gets_its_reply_on_standard_output_and_a_session()
    {
        var ended = (await CommandWithInput("How far away is Orion?\n", "chat", "--url", Url)).Should(0);

        Assert.Equal(TestModel.Text + "\n", ended.Out.ReplaceLineEndings("\n"));
        var session = Assert.Single(await Orion.Database.Query("SELECT id FROM sessions"))[..^1];
        Assert.Contains($"orion chat --session {session.ToLowerInvariant()}", ended.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(
            ["user|How far away is Orion?|", $"assistant|{TestModel.Text}|"],
            await Orion.Database.Query("SELECT role, content FROM messages ORDER BY sequence"));
    }

    [Fact]
    public async Task A_session_is_continued_with_the_chosen_model()
    {
        var session = (await Api.Post("/api/sessions", new { title = "Stars" })).Should(201).Text("sessionId");

        (await Command("chat", "--url", Url, "--session", session, "How", "far?")).Should(0);
        var json = Json((await Command("chat", "--url", Url, "--session", session, "--model", "test-small", "--json", "And Rigel?")).Should(0));

        Assert.Equal(("completed", "test-small", TestModel.Text), (
            json.GetProperty("status").GetString(), json.GetProperty("model").GetString(), json.GetProperty("text").GetString()));
        Assert.Equal(["How far?|", "And Rigel?|"], await Orion.Database.Query("SELECT content FROM messages WHERE role = 'user' ORDER BY sequence"));
    }

    [Fact]
    public async Task The_text_of_the_model_cannot_control_the_terminal()
    {
        Server.Model.TakeCalls();
        var running = Command("chat", "--url", Url, "Hello");
        (await Server.Model.NextCall()).Think("Hm.").Write("a\u001b[2Jb\r\n\u202ec\u009bd 👩‍🚀 é").Finish();

        var ended = (await running).Should(0);

        Assert.Equal("a\\u001b[2Jb\n\\u202ec\\u009bd 👩‍🚀 é\n", ended.Out.ReplaceLineEndings("\n"));
        Assert.DoesNotContain("Hm.", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reply_that_fails_keeps_its_text_and_ends_with_1()
    {
        Server.Model.TakeCalls();
        var running = Command("chat", "--url", Url, "Hello");
        (await Server.Model.NextCall()).Write("Half").Fail(ModelFailure.Busy);

        var ended = (await running).Should(1);

        Assert.Equal("Half\n", ended.Out.ReplaceLineEndings("\n"));
        Assert.EndsWith("orion: The model is busy. Try again later.\n", ended.Error.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_stops_the_reply_and_keeps_its_text()
    {
        if (OperatingSystem.IsWindows()) return;
        Server.Model.TakeCalls();

        var ended = await OrionCommand.RunProcess(
            ["chat", "--url", Url, "Hello"], Path.GetTempPath(), Environment(Orion.Database), meanwhile: async process =>
            {
                var call = await Server.Model.NextCall();
                call.Write("Half of");
                await Eventually.Until(
                    async () => await Orion.Database.Query("SELECT count(*) FROM reply_frames WHERE frames LIKE '%Half of%'") is not ["0|"], "Nothing is stored.");
                using var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
            });

        Assert.Equal(130, ended.ExitCode);
        Assert.Equal("Half of\n", ended.Out.ReplaceLineEndings("\n"));
        Assert.EndsWith("orion: Stopped.\n", ended.Error.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Equal(["stopped|"], await Orion.Database.Query("SELECT status FROM replies"));
        Assert.Equal(["Half of|"], await Orion.Database.Query("SELECT content FROM messages WHERE role = 'assistant'"));
    }

    [Fact]
    public async Task In_a_terminal_it_asks_until_the_input_ends()
    {
        using var input = new StringReader("One\n\nTwo\n");
        using var output = new StringWriter();
        using var error = new StringWriter();
        var secret = Path.GetTempFileName();
        await File.WriteAllTextAsync(secret, TestToken.SharedSecret, TestContext.Current.CancellationToken);
        var command = ChatCommand.Build(new Terminal(input, output, TextWriter.Synchronized(error), isInputTerminal: true));
        string[] arguments = ["--url", Url, "--secret-file", secret, "--issuer", TestToken.Issuer, "--user", OrionServer.Owner];

        var exitCode = await command.Parse(arguments).InvokeAsync(new() { ProcessTerminationTimeout = null }, TestContext.Current.CancellationToken);

        Assert.True(exitCode == 0, error.ToString());
        Assert.Equal($"{TestModel.Text}\n{TestModel.Text}\n", output.ToString().ReplaceLineEndings("\n"));
        Assert.Equal(["One|", "Two|"], await Orion.Database.Query("SELECT content FROM messages WHERE role = 'user' ORDER BY sequence"));
        Assert.Equal(["1|"], await Orion.Database.Query("SELECT count(*) FROM sessions"));
        File.Delete(secret);
    }

    [Fact]
    public async Task A_broken_connection_is_opened_again()
    {
        Server.Model.TakeCalls();
        var opened = 0;
        // It ends each stream after its first event.
        await using var proxy = await CuttingProxy.Start(Server.Http.BaseAddress!, () => Interlocked.Increment(ref opened));
        var running = Command("chat", "--url", proxy.Address.ToString(), "Hello");
        var call = await Server.Model.NextCall();
        await Eventually.Until(() => Volatile.Read(ref opened) > 0, "It opens no stream.");
        call.Write("One ");
        await Eventually.Until(() => Volatile.Read(ref opened) > 1, "It does not open the stream again.");
        call.Write("two.").Finish();

        Assert.Equal("One two.\n", (await running).Should(0).Out.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData("A question", "--session", "0193b0a0-0000-7000-8000-000000000000", "session_not_found")]
    [InlineData("A question", "--user", "stranger@example.com", "stranger@example.com is not on the allow-list.")]
    [InlineData("A question", "--model", "unknown", "validation_failed")]
    [InlineData("A question", "--url", "http://127.0.0.1:1", "Nothing listens at 127.0.0.1:1.")]
    public async Task A_rejected_question_is_one_line_with_the_reason(string question, string option, string value, string expected)
    {
        string[] url = option == "--url" ? [] : ["--url", Url];
        var ended = (await Command(["chat", .. url, option, value, question])).Should(1);

        Assert.Empty(ended.Out);
        Assert.Contains(expected, ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("To continue this session", ended.Error, StringComparison.Ordinal);
        Assert.Equal(["0|"], await Orion.Database.Query("SELECT count(*) FROM sessions"));
    }

    [Fact]
    public async Task A_question_that_is_too_long_leaves_no_session()
    {
        var ended = (await CommandWithInput(new string('x', MessageContent.MaxLength + 1), "chat", "--url", Url)).Should(1);

        Assert.Contains("validation_failed", ended.Error, StringComparison.Ordinal);
        Assert.Equal(["0|"], await Orion.Database.Query("SELECT count(*) FROM sessions"));
    }

    [Fact]
    public async Task A_question_that_is_stored_although_its_response_is_lost_keeps_its_session()
    {
        await using var proxy = await CuttingProxy.Start(Server.Http.BaseAddress!, () => { }, cutAt: "text/event-stream");

        var ended = (await Command("chat", "--url", proxy.Address.ToString(), "Hello")).Should(1);

        Assert.Contains("To continue this session", ended.Error, StringComparison.Ordinal);
        Assert.Equal(["Hello|"], await Orion.Database.Query("SELECT content FROM messages WHERE role = 'user'"));
    }

    [Fact]
    public async Task An_empty_question_and_a_secret_file_without_an_address_are_usage_errors()
    {
        ShouldBeOneLine((await CommandWithInput(" \n", "chat", "--url", Url)).Should(64));
        ShouldBeOneLine((await Command("chat", "--secret-file", "x", "--issuer", "x", "--user", OrionServer.Owner, "Hello")).Should(64));
        ShouldBeOneLine((await Command("chat", "--url", "http://chat.example.com", "Hello")).Should(64));
        Assert.Equal(["0|"], await Orion.Database.Query("SELECT count(*) FROM sessions"));
    }
}
