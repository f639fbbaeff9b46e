using Orion.Domain;

namespace Orion.Application.Messaging;

/// <summary>The expected failures that any request can have.</summary>
public static class RequestErrors
{
    /// <summary>A page cursor that is malformed or belongs to another list.</summary>
    public static Error InvalidCursor { get; } =
        new(ErrorKind.Invalid, "invalid_cursor", "The cursor does not belong to this list. Begin again without one.");

    /// <summary>The request names another user than its caller.</summary>
    public static Error UserMismatch { get; } = new(ErrorKind.Forbidden, "user_mismatch", "The userId must be your own.");

    /// <summary>A member that the request does not have.</summary>
    public static Error UnknownMember(string name) => new(ErrorKind.Invalid, "unknown_member", "The request has a member that is not known.")
    {
        Members = new Dictionary<string, string[]> { [name] = ["This member is not known."] },
    };

    /// <summary>The message for a required member that is missing.</summary>
    public const string MissingMember = "It is missing.";

    /// <summary>One member whose value is not accepted.</summary>
    public static Error InvalidMember(string message) => new(ErrorKind.Invalid, "validation_failed", message);

    /// <summary>One member that can only be checked by a handler.</summary>
    public static Error Invalid(string member, Error error) => Invalid(new Dictionary<string, string[]> { [member] = [error.Message] });

    /// <summary>Members whose values are not accepted.</summary>
    /// <param name="members">The messages for each member.</param>
    public static Error Invalid(IReadOnlyDictionary<string, string[]> members) =>
        new(ErrorKind.Invalid, "validation_failed", "Some members of the request are not accepted.") { Members = members };
}
