using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Orion.Infrastructure.Configuration.DotEnv;

/// <summary>
/// Parses a <c>.env</c> exactly as Node's <c>dotenv</c> 17 does, so that the file of the Node service can be used unchanged.
/// </summary>
/// <remarks>
/// The format is a regular expression of JavaScript. Its character classes are spelled out here, because .NET defines them differently:
/// <c>\s</c> lacks U+FEFF and includes U+0085, <c>\w</c> is not limited to ASCII, and <c>^</c>, <c>$</c> and <c>.</c> recognize only the line
/// end <c>\n</c>.
/// </remarks>
internal static partial class EnvFile
{
    private const string Blanks = @"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff";
    private const string Blank = "[" + Blanks + "]";
    private const string LineEnds = @"\n\r\u2028\u2029";
    private const string AtLineStart = @"(?<=\A|[" + LineEnds + "])";
    private const string AtLineEnd = "(?=[" + LineEnds + @"]|\z)";

    private const string LinePattern =
        AtLineStart + Blank + "*(?:export" + Blank + "+)?([A-Za-z0-9_.-]+)(?:" + Blank + "*=" + Blank + "*?|:" + Blank + "+?)(" +
        Blank + @"*'(?:\\'|[^'])*'|" + Blank + @"*""(?:\\""|[^""])*""|" + Blank + @"*`(?:\\`|[^`])*`|[^#\r\n]+)?" +
        Blank + "*(?:#[^" + LineEnds + "]*)?" + AtLineEnd;

    private const string QuotesPattern = AtLineStart + @"(['""`])([\s\S]*)\1" + AtLineEnd;

    /// <summary>The timeout in milliseconds. The expression can backtrack forever on a hostile file, as the original does.</summary>
    private const int TimeoutMilliseconds = 2000;

    // What JavaScript's String.prototype.trim removes: the same characters as its \s.
    private static readonly char[] Trimmed =
        [.. "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff", .. Enumerable.Range(0x2000, 11).Select(c => (char)c)];

    /// <summary>The names and values in a text. For a duplicate name, the last value counts.</summary>
    /// <exception cref="RegexMatchTimeoutException">The text takes too long to parse.</exception>
    public static IReadOnlyDictionary<string, string> Parse(string text)
    {
        var start = Stopwatch.GetTimestamp();
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');

        for (var match = Line().Match(lines); match.Success; match = match.NextMatch())
        {
            if (Stopwatch.GetElapsedTime(start).TotalMilliseconds > TimeoutMilliseconds) throw new RegexMatchTimeoutException();
            values[match.Groups[1].Value] = ValueOf(match.Groups[2].Value);
        }

        return values;
    }

    /// <summary>
    /// The names whose unquoted value begins with a <c>#</c> or has one after a character that is not a space. The value ends there, which
    /// is probably unintended in a password. A <c>#</c> after a space begins a comment.
    /// </summary>
    public static IEnumerable<string> TruncatedNames(string text)
    {
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        for (var match = Line().Match(lines); match.Success; match = match.NextMatch())
        {
            var value = match.Groups[2];
            var trimmed = value.Value.Trim(Trimmed);
            var isQuoted = trimmed.Length > 1 && trimmed[0] is '\'' or '"' or '`' && trimmed[^1] == trimmed[0];
            var end = value.Success ? value.Index + value.Length : match.Value.IndexOf('#', StringComparison.Ordinal) + match.Index;
            if (!isQuoted && end > match.Index && end < lines.Length && lines[end] == '#' && !Trimmed.Contains(lines[end - 1]))
                yield return match.Groups[1].Value;
        }
    }

    private static string ValueOf(string raw)
    {
        var trimmed = raw.Trim(Trimmed);
        var value = Quotes().Replace(trimmed, "$2");
        return trimmed.StartsWith('"')
            ? value.Replace(@"\n", "\n", StringComparison.Ordinal).Replace(@"\r", "\r", StringComparison.Ordinal)
            : value;
    }

    [GeneratedRegex(LinePattern, RegexOptions.CultureInvariant, TimeoutMilliseconds)]
    private static partial Regex Line();

    [GeneratedRegex(QuotesPattern, RegexOptions.CultureInvariant, TimeoutMilliseconds)]
    private static partial Regex Quotes();
}
