using Orion.Infrastructure.Configuration;

namespace Orion.Cli.Execution;

/// <summary>How a command ended, as scripts see it: those of <c>sysexits.h</c>, where it has one.</summary>
internal static class ExitCodes
{
    /// <summary>Done, or nothing found wrong.</summary>
    internal const int Success = 0;

    /// <summary>Refused, or something was found wrong.</summary>
    internal const int Refused = 1;

    /// <summary>The command line is not understood (EX_USAGE).</summary>
    internal const int Usage = 64;

    /// <summary>The database does not answer, or is not migrated (EX_UNAVAILABLE).</summary>
    internal const int Unavailable = 69;

    /// <summary>A fault in Orion itself (EX_SOFTWARE).</summary>
    internal const int Fault = 70;

    /// <summary>A file could not be read or written (EX_IOERR).</summary>
    internal const int File = 74;

    /// <summary>The settings are not accepted (EX_CONFIG), as at the service's start.</summary>
    internal const int Settings = StartupRefusal.ExitCode;

    /// <summary>Ended by Ctrl-C or a stop: 128 and SIGINT.</summary>
    internal const int Interrupted = 130;
}
