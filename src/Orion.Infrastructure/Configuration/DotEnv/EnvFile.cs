using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Orion.Infrastructure.Configuration.DotEnv;

/// <summary>
/// The text of a <c>.env</c>, read exactly as Node's <c>dotenv</c> 17 reads it: the old service's file moves over as it is.
/// </summary>
/// <remarks>
/// The format is one regular expression of JavaScript. Here its classes are written out, because .NET means other characters by the same
/// letters: <c>\s</c> lacks U+FEFF and has U+0085, <c>\w</c> goes beyond ASCII, <c>^</c>, <c>$</c> and <c>.</c> know no line end but <c>\n</c>.
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

    /// <summary>The expression backtracks without a bound on hostile files (the original hangs on them), so it gets this long, in ms.</summary>
    private const int TimeLimit = 2000;

    // What String.prototype.trim of JavaScript takes off: the same characters as its \s.
    private static readonly char[] Trimmed =
        [.. "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff", .. Enumerable.Range(0x2000, 11).Select(c => (char)c)];

    /// <summary>The names and values of a file's text; of a name that comes twice the last value counts.</summary>
    /// <exception cref="RegexMatchTimeoutException">The text keeps the expression busy for longer than anything honest does.</exception>
    public static IReadOnlyDictionary<string, string> Parse(string text)
    {
        var started = Stopwatch.GetTimestamp();
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');

        for (var match = Line().Match(lines); match.Success; match = match.NextMatch())
        {
            if (Stopwatch.GetElapsedTime(started).TotalMilliseconds > TimeLimit) throw new RegexMatchTimeoutException();
            values[match.Groups[1].Value] = ValueOf(match.Groups[2].Value);
        }

        return values;
    }

    /// <summary>
    /// The names whose value holds a <c>#</c> directly behind another character or at its beginning, without quotes: the value ends
    /// there, which somebody who wrote a password did not mean. A blank before the <c>#</c> makes it a comment.
    /// </summary>
    public static IEnumerable<string> CutShort(string text)
    {
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        for (var match = Line().Match(lines); match.Success; match = match.NextMatch())
        {
            var value = match.Groups[2];
            var written = value.Value.Trim(Trimmed);
            var isQuoted = written.Length > 1 && written[0] is '\'' or '"' or '`' && written[^1] == written[0];
            var end = value.Success ? value.Index + value.Length : match.Value.IndexOf('#', StringComparison.Ordinal) + match.Index;
            if (!isQuoted && end > match.Index && end < lines.Length && lines[end] == '#' && !Trimmed.Contains(lines[end - 1]))
                yield return match.Groups[1].Value;
        }
    }

    private static string ValueOf(string written)
    {
        var trimmed = written.Trim(Trimmed);
        var value = Quotes().Replace(trimmed, "$2");
        return trimmed.StartsWith('"')
            ? value.Replace(@"\n", "\n", StringComparison.Ordinal).Replace(@"\r", "\r", StringComparison.Ordinal)
            : value;
    }

    [GeneratedRegex(LinePattern, RegexOptions.CultureInvariant, TimeLimit)]
    private static partial Regex Line();

    [GeneratedRegex(QuotesPattern, RegexOptions.CultureInvariant, TimeLimit)]
    private static partial Regex Quotes();
}
