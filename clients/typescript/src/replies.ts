import { OrionError } from './errors.js';
import { readEvents } from './events.js';
import { clientProblem, failed, parseObject, succeeded, type Result } from './result.js';
import { backoff, pause, readStream, type Call, type Target, type Transport } from './transport.js';

/**
 * A frame of a reply's stream: the AI SDK's UI message stream. `start` is the first one; `finish`, `error` or `abort` is the last one. A part
 * of text or reasoning has a start, deltas and an end with the same `id`.
 *
 * A second `start` begins the same reply again: discard what came before it. This happens if the connection breaks and the client can
 * connect again only ten minutes after the end of the reply, when Orion has only the message.
 */
export type ReplyFrame =
  | { readonly type: 'start'; readonly messageId: string; readonly messageMetadata: { readonly replyId: string; readonly model: string } }
  | { readonly type: 'reasoning-start' | 'reasoning-end' | 'text-start' | 'text-end'; readonly id: string }
  | { readonly type: 'reasoning-delta' | 'text-delta'; readonly id: string; readonly delta: string }
  | { readonly type: 'finish'; readonly finishReason: 'stop' | 'length' }
  | { readonly type: 'error'; readonly errorText: string }
  | { readonly type: 'abort'; readonly reason: 'stopped' | 'interrupted' };

/** The frames of a reply; it can be iterated once. The iteration throws {@link ReplyStreamError} if the stream cannot be read to its end. */
export type ReplyFrames = AsyncIterable<ReplyFrame>;

/** A stream could not be read to its end, or the reply could not begin. The reply itself can go on: see `resume` and `getReply`. */
export class ReplyStreamError extends OrionError {
  override readonly name = 'ReplyStreamError';
}

/** What a reply's frames contain up to now. */
export interface CollectedReply {
  /** Undefined before the first frame, as are `messageId` and `model`. */
  readonly replyId?: string;
  readonly messageId?: string;
  readonly model?: string;
  readonly text: string;
  /** The model's reasoning. Orion does not keep it in the message. */
  readonly reasoning: string;
  /** Undefined until the reply ends. */
  readonly finishReason?: 'stop' | 'length' | 'stopped' | 'interrupted' | 'error';
  /** A message for users if the model failed. */
  readonly errorText?: string;
}

/**
 * Reads a reply to its end. Does not throw for errors of the stream: they are problems.
 * @param onChange Is called after each frame with the content up to now.
 */
export async function collectReply(frames: ReplyFrames, onChange: (reply: CollectedReply) => void = () => {}): Promise<Result<CollectedReply>> {
  let reply: CollectedReply = { text: '', reasoning: '' };
  const iterator = frames[Symbol.asyncIterator]();
  for (;;) {
    let next: IteratorResult<ReplyFrame>;
    try {
      next = await iterator.next();
    } catch (error) {
      if (error instanceof ReplyStreamError) return failed(error.problem);
      throw error;
    }

    if (next.done) return succeeded(reply);
    reply = add(reply, next.value);
    onChange(reply);
  }
}

function add(reply: CollectedReply, frame: ReplyFrame): CollectedReply {
  switch (frame.type) {
    case 'start':
      return { messageId: frame.messageId, ...frame.messageMetadata, text: '', reasoning: '' };
    case 'text-delta':
      return { ...reply, text: reply.text + frame.delta };
    case 'reasoning-delta':
      return { ...reply, reasoning: reply.reasoning + frame.delta };
    case 'finish':
      return { ...reply, finishReason: frame.finishReason };
    case 'error':
      return { ...reply, finishReason: 'error', errorText: frame.errorText };
    case 'abort':
      return { ...reply, finishReason: frame.reason };
    default:
      return reply;
  }
}

type Opened = Result<ReadableStream<Uint8Array> | null>;

const types: ReadonlySet<unknown> = new Set<ReplyFrame['type']>([
  'start', 'reasoning-start', 'reasoning-delta', 'reasoning-end', 'text-start', 'text-delta', 'text-end', 'finish', 'error', 'abort',
]);
const lastTypes: ReadonlySet<ReplyFrame['type']> = new Set(['finish', 'error', 'abort'] as const);

/**
 * Reads the frames of a reply, and connects again after a broken connection.
 * @param first The call whose response is the stream. It can be sent again until the first frame has come.
 * @param opened The response to `first`, if it has been sent.
 */
export async function* readReply(
  transport: Transport, sessionId: string, first: Call, opened?: Opened,
): AsyncGenerator<ReplyFrame, void, undefined> {
  const { retry } = transport;
  const { signal } = first;
  let call = first;
  let replyId: string | undefined;
  let lastEventId: string | undefined;
  let hasEnded = false;
  for (let failures = 0; ;) {
    const result: Opened = opened ?? (await transport.send(call, readStream));
    opened = undefined;
    if (result.ok) {
      // The session's reply ended before its first frame came.
      if (result.value === null) return;
      try {
        for await (const { id, data } of readEvents(result.value, retry.silenceSeconds, signal)) {
          if (data === '[DONE]') return;
          failures = 0;
          lastEventId = id;
          const frame = parseFrame(data);
          if (frame === undefined) continue;
          if (frame.type === 'start') ({ replyId } = frame.messageMetadata);
          hasEnded = lastTypes.has(frame.type);
          yield frame;
        }
      } catch (error) {
        if (error instanceof ReplyStreamError) throw error;
      }

      if (hasEnded) return;
      if (signal?.aborted) throw new ReplyStreamError(clientProblem('aborted', 'The call was aborted.'));
      if (++failures >= retry.reconnectAttempts) throw new ReplyStreamError(clientProblem('network_error', 'The connection breaks again and again.'));
      await pause(backoff(failures, retry.longestWaitSeconds), signal);
    } else if (result.problem.error === 'invalid_cursor' && lastEventId !== undefined) {
      // Orion has only the message: the stream begins again.
      lastEventId = undefined;
    } else {
      throw new ReplyStreamError(result.problem);
    }

    if (replyId !== undefined) {
      call = {
        ...streamCall({ path: '/api/sessions/{sessionId}/replies/{replyId}', ids: [sessionId, replyId] }, signal),
        attempts: retry.reconnectAttempts,
        headers: { ...acceptsStream, ...(lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId }) },
      };
    }
  }
}

export const acceptsStream = { Accept: 'text/event-stream' } as const;

type StreamTarget = Omit<Extract<Target, { readonly method: 'GET' }>, 'method'>;

export const streamCall = ({ path, ids }: StreamTarget, signal: AbortSignal | undefined): Call =>
  ({ method: 'GET', path, ids, headers: acceptsStream, retryable: true, signal } as Call);

/** Returns undefined for a frame of a type that this client does not know. */
function parseFrame(data: string): ReplyFrame | undefined {
  const frame = parseObject(data);
  if (frame === undefined) throw new ReplyStreamError(clientProblem('unexpected_answer', 'The stream is not from Orion.'));
  return types.has(frame['type']) ? (frame as ReplyFrame) : undefined;
}
