using System.Globalization;

namespace Orion.Cli.Reporting;

/// <summary>A number with its noun.</summary>
internal static class Counted
{
    /// <summary>Returns <c>1 user</c> or <c>2 users</c>.</summary>
    internal static string Of(long count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");
}
