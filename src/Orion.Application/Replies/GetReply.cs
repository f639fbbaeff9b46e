using Orion.Application.Messaging;
using Orion.Domain.Replies;
using Orion.Domain.Sessions;

namespace Orion.Application.Replies;

/// <summary>Reads a reply.</summary>
/// <param name="Caller">The session's owner.</param>
/// <param name="Session">The session's id.</param>
/// <param name="Reply">The reply's id.</param>
public sealed record GetReply(Caller Caller, SessionId Session, ReplyId Reply) : IQuery<ReplyView>;

/// <summary>Finds the running reply of a session.</summary>
/// <param name="Caller">The session's owner.</param>
/// <param name="Session">The session's id.</param>
public sealed record FindRunningReply(Caller Caller, SessionId Session) : IQuery<RunningReplyResult>;

/// <summary>The running reply of a session.</summary>
/// <param name="Reply">Its id; null if none is running.</param>
public sealed record RunningReplyResult(ReplyId? Reply);

/// <summary>Reads the frames of a reply behind a number, as many as fit a page.</summary>
/// <param name="Caller">The session's owner.</param>
/// <param name="Session">The session's id.</param>
/// <param name="Reply">The reply's id.</param>
/// <param name="After">The number of the last frame that is known; 0 for none.</param>
/// <returns>
/// The frames. If the frames of an ended reply were deleted, they are made of its message, and any <paramref name="After"/> other than 0 is
/// <see cref="RequestErrors.InvalidCursor"/>. So is a number that the reply never sent.
/// </returns>
public sealed record ReadReplyFrames(Caller Caller, SessionId Session, ReplyId Reply, int After) : IQuery<ReplyFramesPage>;

/// <summary>A page of frames.</summary>
/// <param name="Frames">The frames, in order.</param>
/// <param name="IsEnd">Whether the reply has ended and these are its last frames.</param>
public sealed record ReplyFramesPage(IReadOnlyList<StoredFrame> Frames, bool IsEnd);
