using System.Text.Json;
using Orion.Cli.Execution;
using Orion.Cli.Reporting;

namespace Orion.Cli.Chat;

/// <summary>Shows questions and replies in a terminal or a pipe.</summary>
internal sealed class Conversation(ChatClient chat, Terminal terminal, TextWriter output, Interrupts interrupts)
{
    private const string Thinking = "thinking...";

    private bool _isThinking;

    /// <summary>Asks for questions until the input ends.</summary>
    /// <returns>The exit code of the last reply.</returns>
    internal async Task<int> Run()
    {
        terminal.Advise("Ctrl+C stops a reply. Ctrl+D ends.");
        var exitCode = ExitCodes.Success;
        while (await ReadQuestion() is { } question)
        {
            if (string.IsNullOrWhiteSpace(question)) continue;
            try
            {
                exitCode = await Ask(question);
            }
            catch (CommandFailedException exception)
            {
                exitCode = exception.ExitCode;
                await terminal.Error.WriteLineAsync($"orion: {exception.Message}");
            }
        }

        return exitCode;
    }

    /// <summary>Asks one question, and shows its reply.</summary>
    /// <exception cref="CommandFailedException">The service rejected the question, or the reply is not complete.</exception>
    internal async Task<int> Ask(string question)
    {
        var stop = interrupts.BeginReply();
        try
        {
            var reply = await Begin(question, stop);
            var showing = Show(reply);
            var isStopped = await Task.WhenAny(showing, stop) == stop;
            if (isStopped) await chat.Stop(reply, interrupts.Ending);
            var problem = await showing;
            if (terminal.IsJson) terminal.Report(await chat.Read(reply, interrupts.Ending), _ => { });
            if (problem is null) return ExitCodes.Success;
            throw isStopped ? Stopped() : new CommandFailedException(problem);
        }
        finally
        {
            interrupts.EndReply();
        }
    }

    // A rejected question leaves no empty session.
    private async Task<ChatReply> Begin(string question, Task stop)
    {
        var isNew = await chat.EnsureSession(interrupts.Ending);
        ChatReply reply;
        try
        {
            reply = stop.IsCompleted ? throw Stopped() : await chat.Begin(question, interrupts.Ending);
        }
        catch (CommandFailedException) when (isNew)
        {
            if (!await chat.TryDeleteSession(interrupts.Ending)) AdviseSession();
            throw;
        }

        if (isNew) AdviseSession();
        return reply;
    }

    private void AdviseSession() => terminal.Advise($"orion: To continue this session: orion chat --session {chat.Session}");

    private static CommandFailedException Stopped() => new("Stopped.", ExitCodes.Interrupted);

    private async Task<string?> ReadQuestion()
    {
        await terminal.Error.WriteAsync("> ");
        await terminal.Error.FlushAsync();
        // A console's ReadLineAsync blocks and ignores the token.
        var line = await Task.Run(terminal.Input.ReadLine, interrupts.Ending).WaitAsync(interrupts.Ending);
        if (line is null) await terminal.Error.WriteLineAsync();
        return line;
    }

    // Returns why the reply is not complete; null if it is.
    private async Task<string?> Show(ChatReply reply)
    {
        string? problem = null;
        var endsLine = true;
        await foreach (var frame in chat.Frames(reply, interrupts.Ending))
        {
            switch (Text(frame, "type"))
            {
                case "reasoning-start":
                    ShowThinking(true);
                    break;
                case "text-delta" when !terminal.IsJson && Text(frame, "delta") is { Length: > 0 } text:
                    ShowThinking(false);
                    endsLine = text.EndsWith('\n');
                    await output.WriteAsync(TerminalText.Of(text));
                    await output.FlushAsync();
                    break;
                case "finish" when Text(frame, "finishReason") == "length":
                    terminal.Advise("orion: The reply reached the maximum length.");
                    break;
                case "error":
                    problem = Printable.Of(Text(frame, "errorText"), maxLength: 500);
                    break;
                case "abort":
                    problem = $"The reply was {Printable.Of(Text(frame, "reason"))}.";
                    break;
            }
        }

        ShowThinking(false);
        if (!endsLine) await output.WriteLineAsync();
        await output.FlushAsync();
        return problem;
    }

    private void ShowThinking(bool isThinking)
    {
        if (!terminal.IsErrorTerminal || isThinking == _isThinking) return;
        _isThinking = isThinking;
        terminal.Error.Write(isThinking ? Thinking : '\r' + new string(' ', Thinking.Length) + '\r');
        terminal.Error.Flush();
    }

    private static string Text(JsonElement frame, string name) =>
        frame.ValueKind == JsonValueKind.Object && frame.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";
}
