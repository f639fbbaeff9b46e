using System.Globalization;
using System.Text;
using Orion.Domain.Text;

namespace Orion.Api.Http;

/// <summary>Makes names from a request safe to repeat in the <c>errors</c> of a problem.</summary>
internal static class MemberNames
{
    /// <summary>The maximum length of a repeated name, in characters.</summary>
    internal const int MaxLength = 64;

    /// <summary>Replaces a name without printable characters.</summary>
    internal const string Unprintable = "(unprintable name)";

    /// <summary>
    /// The first printable characters of a name: no control, format, separator (except space), private-use or unassigned characters.
    /// </summary>
    internal static string Echo(string name)
    {
        var echo = string.Concat(name.EnumerateRunes().Where(IsPrintable).Take(MaxLength));
        return TextRules.IsBlank(echo) ? Unprintable : echo;
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
