using Orion.Domain;

namespace Orion.Application.Import.Archive;

/// <summary>What can be wrong with a line of an archive.</summary>
internal static class ArchiveErrors
{
    internal static Error Metadata { get; } = Invalid("Its metadata is not a JSON object of at most 16 KiB.");

    internal static Error Content { get; } = Invalid("Its content is empty, too long, or has characters that no database can store.");

    internal static Error Role { get; } = Invalid("Its role is neither user nor assistant.");

    internal static Error Numbers { get; } = Invalid("It has an id or a number that is malformed.");

    internal static Error Invalid(string message) => new(ErrorKind.Invalid, "invalid_line", message);
}
