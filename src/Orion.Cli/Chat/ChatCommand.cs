using System.CommandLine;
using Orion.Cli.Execution;
using Orion.Cli.Verification;

namespace Orion.Cli.Chat;

/// <summary><c>orion chat</c>.</summary>
internal static class ChatCommand
{
    internal const string Name = "chat";

    internal static Command Build(Terminal terminal)
    {
        var target = new TargetOptions();
        var question = new Argument<string[]>("QUESTION")
        {
            Description = "The question. Without it, the questions are read from the terminal, or one question from standard input.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var session = Options.Session("Continue this session. By default, the first question creates one.");
        var model = new Option<string?>("--model") { Description = "The model; by default the first one of the service.", HelpName = "NAME" };
        var command = new Command(Name, """
            Ask the model of a running service, and show its reply as it comes. The session belongs to the user.

              orion chat                                  (asks for questions; Ctrl+D ends)
              orion chat "How far away is Orion?"
              git diff | orion chat --session ID          (the question is standard input)

            Ctrl+C stops the reply; the text so far is kept. A second Ctrl+C ends the command. The reply goes to standard output without
            control characters, everything else to standard error. With --json, the output is the reply once it has ended. Requests go to
            the service, with a token that expires after two minutes: to the address where it listens, or to --url.

            Exit codes: 0 the last reply is complete; 1 it is not, or the service rejected the question; 130 it was stopped by Ctrl+C; 64,
            74 and 78 as for every command (orion --help).
            """) { question, session, model, target.Url };
        foreach (var option in target.Tokens) command.Options.Add(option);
        return command.WithAction(terminal, async (parsed, _) =>
        {
            var clock = TimeProvider.System;
            var service = target.Read(parsed, terminal);
            using var interrupts = new Interrupts();
            var actsAsProxy = service.RequiresHttps == true && service.Address.Scheme == Uri.UriSchemeHttp;
            using var probe = new Probe(service.Address) { ActsAsProxy = actsAsProxy };
            var chat = new ChatClient(service, probe, clock) { Session = parsed.GetValue(session)?.Value, Model = parsed.GetValue(model) };
            await using var output = terminal.OpenOutput();
            var conversation = new Conversation(chat, terminal, output, interrupts);
            try
            {
                var words = parsed.GetValue(question) ?? [];
                return words.Length == 0 && terminal.IsInputTerminal
                    ? await conversation.Run()
                    : await conversation.Ask(await OneQuestion(words, terminal, interrupts.Ending));
            }
            catch (OperationCanceledException) when (interrupts.Ending.IsCancellationRequested)
            {
                throw new CommandFailedException("Interrupted.", ExitCodes.Interrupted);
            }
        });
    }

    private static async Task<string> OneQuestion(string[] words, Terminal terminal, CancellationToken cancellationToken)
    {
        // A console's ReadToEndAsync blocks and ignores the token.
        var text = words.Length > 0
            ? string.Join(' ', words)
            : await Task.Run(terminal.Input.ReadToEnd, cancellationToken).WaitAsync(cancellationToken);
        return string.IsNullOrWhiteSpace(text)
            ? throw new CommandFailedException("The question is empty. Write it as an argument, or to standard input.", ExitCodes.Usage)
            : text.TrimEnd('\r', '\n');
    }
}
