namespace Orion.Infrastructure.Availability;

/// <summary>The database answers and cannot be written: it is a standby, read-only or full.</summary>
/// <param name="what">What keeps it from being written.</param>
/// <param name="fix">What the operator does about it.</param>
/// <param name="cause">What went wrong below.</param>
internal sealed class DatabaseNotWritableException(string what, string fix, Exception? cause = null) : Exception(what, cause)
{
    /// <summary>What the operator does about it.</summary>
    internal string Fix => fix;
}
