using Orion.Infrastructure.Configuration;

namespace Orion.Cli.Execution;

/// <summary>The exit codes; those of <c>sysexits.h</c> where it defines one.</summary>
internal static class ExitCodes
{
    /// <summary>The command succeeded, or found no problem.</summary>
    internal const int Success = 0;

    /// <summary>The command failed, or found a problem.</summary>
    internal const int Failed = 1;

    /// <summary>The command line is invalid (EX_USAGE).</summary>
    internal const int Usage = 64;

    /// <summary>The database does not respond, or is not migrated (EX_UNAVAILABLE).</summary>
    internal const int Unavailable = 69;

    /// <summary>A bug in Orion (EX_SOFTWARE).</summary>
    internal const int Fault = 70;

    /// <summary>A file could not be read or written (EX_IOERR).</summary>
    internal const int File = 74;

    /// <summary>The settings are invalid (EX_CONFIG), as at the start of the service.</summary>
    internal const int Settings = StartupProblems.ExitCode;

    /// <summary>Cancelled by Ctrl-C or SIGTERM: 128 plus the number of SIGINT.</summary>
    internal const int Interrupted = 130;
}
