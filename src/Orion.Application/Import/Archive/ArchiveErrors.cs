using Orion.Domain;

namespace Orion.Application.Import.Archive;

/// <summary>The errors in a line of an archive.</summary>
internal static class ArchiveErrors
{
    internal static Error Metadata { get; } = Invalid("Its metadata is not a JSON object of at most 16 KiB.");

    internal static Error Content { get; } = Invalid("Its content is empty, too long, or contains characters that cannot be stored.");

    internal static Error Role { get; } = Invalid("Its role is neither user nor assistant.");

    internal static Error Numbers { get; } = Invalid("It has an invalid id or number.");

    internal static Error Invalid(string message) => new(ErrorKind.Invalid, "invalid_line", message);
}
