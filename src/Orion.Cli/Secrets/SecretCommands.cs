using System.CommandLine;
using System.Security.Cryptography;
using Orion.Cli.Execution;

namespace Orion.Cli.Secrets;

/// <summary><c>orion secret</c>.</summary>
internal static class SecretCommands
{
    private const int Bytes = 64;

    internal static Command Build(Terminal terminal) => new("secret", "Generate the secret that the frontend's server and Orion share.")
    {
        new Command("new", """
            Print a new secret for ORION_SHARED_JWT_SECRET: 64 random bytes as hex. Nothing is stored or changed.

              ORION_SHARED_JWT_SECRET=$(orion secret new)

            To replace a secret without signing anyone out, see docs/operations.md, "Rotate the secret".
            """).WithAction(terminal, (_, _) => Task.FromResult(New(terminal))),
    };

    private static int New(Terminal terminal)
    {
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));
        terminal.Report(new { secret }, output => output.WriteLine(secret));
        return ExitCodes.Success;
    }
}
