using System.Globalization;
using System.Text;
using Orion.Domain.Text;

namespace Orion.Api.Http;

/// <summary>Names that a client has chosen, made fit for a refusal's <c>errors</c>.</summary>
internal static class MemberNames
{
    /// <summary>The longest echoed name, in characters.</summary>
    internal const int MaxLength = 64;

    /// <summary>What is echoed of a name without anything to print.</summary>
    internal const string Unprintable = "(unprintable name)";

    /// <summary>The printable characters of a name: no controls, formats, unusual separators, or code points without a character.</summary>
    internal static string Echo(string name)
    {
        var echo = string.Concat(name.EnumerateRunes().Where(IsPrintable).Take(MaxLength));
        return TextRules.IsBlank(echo) ? Unprintable : echo;
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
