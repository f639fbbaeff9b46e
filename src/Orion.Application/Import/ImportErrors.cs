using Orion.Domain;

namespace Orion.Application.Import;

/// <summary>The expected failures of taking over what was kept elsewhere.</summary>
public static class ImportErrors
{
    /// <summary>A message does not follow on those that its session has.</summary>
    public static Error Gap { get; } = new(ErrorKind.Conflict, "message_missing", "A message is missing before one that is there.");

    /// <summary>A message has the id of another one of its session.</summary>
    public static Error SameId { get; } = new(ErrorKind.Conflict, "message_twice", "Two messages of a session have the same id.");
}
