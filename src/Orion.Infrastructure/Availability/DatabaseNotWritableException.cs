namespace Orion.Infrastructure.Availability;

/// <summary>The database responds, and cannot be written: it is a standby, read-only, or full.</summary>
/// <param name="what">Why it cannot be written.</param>
/// <param name="fix">What the operator can do about it.</param>
/// <param name="cause">The underlying exception.</param>
internal sealed class DatabaseNotWritableException(string what, string fix, Exception? cause = null) : Exception(what, cause)
{
    /// <summary>What the operator can do about it.</summary>
    internal string Fix => fix;
}
