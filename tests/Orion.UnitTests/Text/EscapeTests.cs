using System.Text;
using System.Text.Json;
using CsCheck;
using Orion.Domain.Text;

namespace Orion.UnitTests.Text;

/// <summary>Escaped surrogates in JSON texts, compared with what the framework's reader can decode.</summary>
public sealed class EscapeTests
{
    private static readonly Gen<string> Strings = Gen.OneOf(
        "\\ud83d", "\\uDE80", "\\ud800", "\\udfff", "\\ud7ff", "\\ue000", "\\u0041", "\\\\", "\\n", "\\\"", "u", "d83d", "x", "é", "\U0001f680")
        .Array[0, 12].Select(string.Concat);

    [Fact]
    public void An_unpaired_escape_is_found_exactly_where_the_reader_cannot_decode() =>
        Strings.Sample(
            text =>
            {
                var json = $"{{\"a\":[\"{text}\"]}}";
                Assert.Equal(CanBeDecoded(json), TextRules.IndexOfUnpairedEscape<char>(json) < 0);
                Assert.Equal(CanBeDecoded(json), TextRules.IndexOfUnpairedEscape<byte>(Encoding.UTF8.GetBytes(json)) < 0);
            },
            iter: 5_000);

    [Fact]
    public void A_replacement_keeps_the_length_and_all_that_could_be_decoded() =>
        Strings.Sample(
            text =>
            {
                var json = $"\"{text}\"";
                var replaced = TextRules.ReplaceUnpairedEscapes(json);
                Assert.Equal(json.Length, replaced.Length);
                Assert.True(CanBeDecoded(replaced));
                if (CanBeDecoded(json)) Assert.Same(json, replaced);
            },
            iter: 5_000);

    // A copy of the text for each of them would take hours.
    [Fact]
    public void Many_unpaired_escapes_are_replaced_in_one_copy() =>
        Assert.Equal(string.Concat(Enumerable.Repeat("\\ufffd", 500_000)), TextRules.ReplaceUnpairedEscapes(string.Concat(Enumerable.Repeat("\\ud800", 500_000))));

    [Fact]
    public void It_never_throws() => Gen.String.Sample(text => _ = TextRules.ReplaceUnpairedEscapes(text + "\\ud83d\\"));

    private static bool CanBeDecoded(string json)
    {
        using var document = JsonDocument.Parse(json);
        try
        {
            _ = (document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.GetProperty("a")[0] : document.RootElement).GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
