using Orion.Domain;

namespace Orion.Application.Import;

/// <summary>The expected failures of an import.</summary>
internal static class ImportErrors
{
    /// <summary>A message does not follow the last one of its session.</summary>
    internal static Error Gap { get; } = new(ErrorKind.Conflict, "message_missing", "A message before this one is missing.");

    /// <summary>Two messages of a session have the same id.</summary>
    internal static Error SameId { get; } = new(ErrorKind.Conflict, "message_twice", "Two messages of a session have the same id.");
}
