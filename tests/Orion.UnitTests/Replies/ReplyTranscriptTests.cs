using CsCheck;
using Orion.Application.Replies;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;
using Orion.Domain.Text;

namespace Orion.UnitTests.Replies;

public sealed class ReplyTranscriptTests
{
    private const string Emoji = "\ud83d\ude00";

    // Half surrogate pairs, a NUL, and characters that JSON escapes.
    private static readonly Gen<(string Text, bool IsReasoning)[]> Pieces =
        Gen.Select(Gen.String[Gen.Char["a\0\n\"\\\u2028\ud83d\ude00"], 0, 6], Gen.Bool).Array[0, 12];

    [Fact]
    public void The_parts_of_a_reply_follow_each_other()
    {
        var transcript = new ReplyTranscript();
        ReplyFrame[] frames =
        [
            .. transcript.Begin(NewReply()),
            .. transcript.Write("Hm", isReasoning: true),
            .. transcript.Write("Hel", isReasoning: false),
            .. transcript.Write("lo", isReasoning: false),
            .. transcript.Write("?", isReasoning: true),
            .. transcript.End(ReplyEnd.Completed(isTruncated: false)),
        ];

        Assert.Equal(
            [
                """{"type":"reasoning-start","id":"1"}""", """{"type":"reasoning-delta","id":"1","delta":"Hm"}""", """{"type":"reasoning-end","id":"1"}""",
                """{"type":"text-start","id":"2"}""", """{"type":"text-delta","id":"2","delta":"Hel"}""", """{"type":"text-delta","id":"2","delta":"lo"}""",
                """{"type":"text-end","id":"2"}""",
                """{"type":"reasoning-start","id":"3"}""", """{"type":"reasoning-delta","id":"3","delta":"?"}""", """{"type":"reasoning-end","id":"3"}""",
                """{"type":"finish","finishReason":"stop"}""",
            ],
            frames.Skip(1).Select(ReplyFrameJson.Write));
        Assert.Equal("Hello", transcript.Text);
        Assert.Equal(frames.Length, transcript.LastNumber);
    }

    [Fact]
    public void The_text_ends_at_the_limit_of_a_message_counted_in_code_points()
    {
        var transcript = new ReplyTranscript();
        transcript.Write(Repeat(Emoji, MessageContent.MaxLength - 1), isReasoning: false);
        Assert.False(transcript.IsFull);

        var last = Assert.IsType<ReplyFrame.PartDelta>(Assert.Single(transcript.Write(Emoji + Emoji, isReasoning: false)));

        Assert.Equal(Emoji, last.Text);
        Assert.True(transcript.IsFull);
        Assert.Empty(transcript.Write("x", isReasoning: false));
        Assert.Equal(MessageContent.MaxLength, TextRules.CountCodePoints(transcript.Text));
        Assert.Null(MessageContent.Parse(transcript.Text).Error);
        Assert.NotEmpty(transcript.Write("x", isReasoning: true));
    }

    [Fact]
    public void Reasoning_beyond_its_limit_is_dropped_and_the_text_goes_on()
    {
        var transcript = new ReplyTranscript();
        transcript.Write(new string('x', MessageContent.MaxLength + 5), isReasoning: true);

        Assert.Empty(transcript.Write("more", isReasoning: true));
        Assert.False(transcript.IsFull);
        transcript.Write("Text", isReasoning: false);
        Assert.Equal("Text", transcript.Text);
    }

    // H and L are the halves of a surrogate pair, which an attribute cannot contain. R is U+FFFD.
    [Theory]
    [InlineData("H|L", "HL")]
    [InlineData("aH|Lb", "aHLb")]
    [InlineData("H|a", "Ra")]
    [InlineData("H||L", "HL")]
    [InlineData("L|H", "RR")]
    [InlineData("H|HL", "RHL")]
    [InlineData("HL|HL", "HLHL")]
    [InlineData("a\0b", "aRb")]
    public void Half_surrogate_pairs_are_joined_across_pieces_and_what_cannot_be_stored_is_replaced(string pieces, string text)
    {
        var transcript = new ReplyTranscript();
        foreach (var piece in pieces.Split('|')) transcript.Write(Decode(piece), isReasoning: false);
        transcript.Flush();

        Assert.Equal(Decode(text), transcript.Text);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_never_joined_with_a_piece_of_the_other_kind()
    {
        var transcript = new ReplyTranscript();
        ReplyFrame[] frames = [.. transcript.Write("\ud83d", isReasoning: true), .. transcript.Write("\ude00", isReasoning: false)];

        Assert.Equal("\ufffd", transcript.Text);
        Assert.Equal(["\ufffd", "\ufffd"], frames.OfType<ReplyFrame.PartDelta>().Select(delta => delta.Text));
        Assert.Equal([true, false], frames.OfType<ReplyFrame.PartDelta>().Select(delta => delta.Part.IsReasoning));
    }

    [Fact]
    public void A_transcript_restored_from_the_stored_frames_goes_on_like_the_original() => Gen.Select(Pieces, Pieces).Sample((before, after) =>
    {
        var original = new ReplyTranscript();
        List<ReplyFrame> frames = [.. original.Begin(NewReply())];
        foreach (var (text, isReasoning) in before) frames.AddRange(original.Write(text, isReasoning));
        frames.AddRange(original.Flush());
        var restored = Restore(frames);

        Assert.Equal((original.Text, original.LastNumber), (restored.Text, restored.LastNumber));
        foreach (var (text, isReasoning) in after) Assert.Equal(original.Write(text, isReasoning), restored.Write(text, isReasoning));
        Assert.Equal(original.End(ReplyEnd.Stopped), restored.End(ReplyEnd.Stopped));
        Assert.Equal((original.Text, original.LastNumber), (restored.Text, restored.LastNumber));
    });

    [Fact]
    public void Any_reply_is_a_valid_stream_of_storable_text() => Pieces.Sample(pieces =>
    {
        var transcript = new ReplyTranscript();
        List<ReplyFrame> frames = [.. transcript.Begin(NewReply())];
        foreach (var (text, isReasoning) in pieces) frames.AddRange(transcript.Write(text, isReasoning));
        frames.AddRange(transcript.End(ReplyEnd.Failed(ModelFailure.Busy)));

        ReplyPart? open = null;
        var parts = 0;
        foreach (var frame in frames.Skip(1).SkipLast(1))
        {
            switch (frame)
            {
                case ReplyFrame.PartStart start:
                    Assert.Null(open);
                    Assert.Equal(++parts, start.Part.Number);
                    open = start.Part;
                    break;
                case ReplyFrame.PartDelta delta:
                    Assert.Equal(open, delta.Part);
                    Assert.True(delta.Text.Length > 0 && TextRules.IsStorable(delta.Text));
                    break;
                case ReplyFrame.PartEnd end:
                    Assert.Equal(open, end.Part);
                    open = null;
                    break;
                default:
                    Assert.Fail($"{frame}");
                    break;
            }
        }

        Assert.Null(open);
        Assert.IsType<ReplyFrame.Error>(frames[^1]);
        Assert.Equal(transcript.Text, string.Concat(frames.OfType<ReplyFrame.PartDelta>().Where(delta => !delta.Part.IsReasoning).Select(delta => delta.Text)));
        Assert.All(frames, frame => Assert.DoesNotContain(ReplyFrameJson.Write(frame), letter => letter is '\n' or '\r'));
    });

    private static string Decode(string text) =>
        text.Replace('H', '\ud83d').Replace('L', '\ude00').Replace('R', '\ufffd');

    private static ReplyTranscript Restore(IEnumerable<ReplyFrame> frames)
    {
        var restored = new ReplyTranscript();
        foreach (var frame in frames) restored.Replay(ReplyFrameJson.ReadPart(ReplyFrameJson.Write(frame)));
        return restored;
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static Reply NewReply() => Reply.Begin(Given.NewSession(), "model", InstanceId.New(Given.Now), Given.Now).Value;
}
