using System.Text;
using Orion.Domain.Sessions;
using Orion.Domain.Text;

namespace Orion.Domain.Replies;

/// <summary>
/// The content of a reply so far. It turns what the model writes into frames, and can be restored from stored frames. The text and the
/// reasoning have at most <see cref="MessageContent.MaxLength"/> code points each: then the text ends, and further reasoning is dropped.
/// NUL and unpaired surrogates become U+FFFD.
/// </summary>
public sealed class ReplyTranscript
{
    private const string Replacement = "\ufffd";

    private readonly StringBuilder _text = new();
    private ReplyPart? _open;
    private int _parts;
    private int _textLength;
    private int _reasoningLength;

    // The first half of a surrogate pair, whose second half the next piece of the same kind may contain.
    private (char Unit, bool IsReasoning)? _half;

    /// <summary>The text of all text parts.</summary>
    public string Text => _text.ToString();

    /// <summary>The number of the last frame; 0 before the first one.</summary>
    public int LastNumber { get; private set; }

    /// <summary>Whether the text has reached its limit.</summary>
    public bool IsFull => _textLength >= MessageContent.MaxLength;

    /// <summary>Restores the state after a stored frame. Half a surrogate pair at the end of a piece is in no frame.</summary>
    /// <param name="frame">The frame; null for one that belongs to no part.</param>
    public void Replay(ReplyFrame? frame)
    {
        LastNumber++;
        switch (frame)
        {
            case ReplyFrame.PartStart start:
                _open = start.Part;
                _parts = start.Part.Number;
                break;
            case ReplyFrame.PartDelta delta:
                Count(delta);
                break;
            case ReplyFrame.PartEnd:
                _open = null;
                break;
        }
    }

    /// <summary>Begins the stream.</summary>
    public IReadOnlyList<ReplyFrame> Begin(Reply reply)
    {
        LastNumber++;
        return [new ReplyFrame.Start(reply.MessageId, reply.Id, reply.Model)];
    }

    /// <summary>Adds what the model wrote.</summary>
    /// <returns>The frames to send; none if nothing is left of the text.</returns>
    public IReadOnlyList<ReplyFrame> Write(string text, bool isReasoning)
    {
        var frames = new List<ReplyFrame>();
        if (text.Length == 0) return frames;
        if (_half is { } half && half.IsReasoning != isReasoning) AddHalf(frames);
        AddDelta(frames, Sanitize(text, isReasoning), isReasoning);
        return frames;
    }

    /// <summary>Ends what the model wrote: half a surrogate pair that is left becomes U+FFFD.</summary>
    /// <returns>The frames to send; none if nothing is left.</returns>
    public IReadOnlyList<ReplyFrame> Flush()
    {
        var frames = new List<ReplyFrame>();
        AddHalf(frames);
        return frames;
    }

    /// <summary>Closes the open part and adds the last frame.</summary>
    public IReadOnlyList<ReplyFrame> End(ReplyEnd end)
    {
        var frames = new List<ReplyFrame>();
        AddHalf(frames);
        Close(frames);
        Add(frames, end switch
        {
            { Failure: { } failure } => new ReplyFrame.Error(failure),
            { Status: ReplyStatus.Completed } => new ReplyFrame.Finish(end.Reason),
            _ => new ReplyFrame.Abort(end.Reason),
        });
        return frames;
    }

    private void AddHalf(List<ReplyFrame> frames)
    {
        if (_half is not { } half) return;
        _half = null;
        AddDelta(frames, Replacement, half.IsReasoning);
    }

    private void AddDelta(List<ReplyFrame> frames, string text, bool isReasoning)
    {
        var rest = MessageContent.MaxLength - (isReasoning ? _reasoningLength : _textLength);
        var piece = TextRules.TruncateCodePoints(text, rest);
        if (piece.Length == 0) return;
        if (_open?.IsReasoning != isReasoning)
        {
            Close(frames);
            _open = new ReplyPart(++_parts, isReasoning);
            Add(frames, new ReplyFrame.PartStart(_open.Value));
        }

        var delta = new ReplyFrame.PartDelta(_open.Value, piece);
        Count(delta);
        Add(frames, delta);
    }

    private void Close(List<ReplyFrame> frames)
    {
        if (_open is not { } open) return;
        _open = null;
        Add(frames, new ReplyFrame.PartEnd(open));
    }

    private void Add(List<ReplyFrame> frames, ReplyFrame frame)
    {
        LastNumber++;
        frames.Add(frame);
    }

    private void Count(ReplyFrame.PartDelta delta)
    {
        var length = TextRules.CountCodePoints(delta.Text);
        if (delta.Part.IsReasoning)
        {
            _reasoningLength += length;
            return;
        }

        _textLength += length;
        _text.Append(delta.Text);
    }

    private string Sanitize(string text, bool isReasoning)
    {
        if (_half is { } half) text = half.Unit + text;
        _half = null;
        if (char.IsHighSurrogate(text[^1]))
        {
            _half = (text[^1], isReasoning);
            text = text[..^1];
        }

        if (TextRules.IsStorable(text)) return text;
        var storable = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) storable.Append(rune.Value == 0 ? Replacement : rune.ToString());
        return storable.ToString();
    }
}
