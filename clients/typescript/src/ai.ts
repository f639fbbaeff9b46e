// The chat of the AI SDK (https://ai-sdk.dev), versions 5 to 7, with Orion's replies. Imports only types of `ai`.
import type { ChatTransport, UIMessage, UIMessageChunk } from 'ai';
import type { OrionClient } from './client.js';
import { OrionError } from './errors.js';
import type { ReplyFrame, ReplyFrames } from './replies.js';
import { clientProblem, succeeded, type Problem, type Result } from './result.js';
import { sequenceOf } from './shown.js';
import type { Message } from './types.js';

/** The metadata of a message. A reply that is streamed has `replyId` and `model`; the stored message has `model` and `finishReason`. */
export interface OrionMetadata {
  readonly replyId?: string;
  readonly model?: string;
  readonly finishReason?: string;
  /** The position in the session, starting at 1. Absent until the message is read from Orion: see `sequenceOfUIMessage`. */
  readonly sequence?: number;
  readonly [name: string]: unknown;
}

export type OrionUIMessage = UIMessage<OrionMetadata>;

export interface ChatTransportOptions {
  /** A client, or a function that creates a client for a session, which is called once for each session. */
  readonly client: OrionClient | ((sessionId: string) => OrionClient);
  /**
   * Whether `stop` of useChat, which aborts the signal, stops the reply; by default true. With false, the reply goes on, and
   * {@link OrionChatTransport.stop} stops it. `@ai-sdk/react` 4 also calls `stop` when its component is unmounted.
   */
  readonly stopOnAbort?: boolean;
  /**
   * Whether to ask for a reply if no reply is running when the chat is opened with `resume: true`, and the last message is the user's. Asks
   * once for each message.
   */
  readonly autoReply?: boolean;
}

type SendOptions = Parameters<ChatTransport<OrionUIMessage>['sendMessages']>[0];
type ReconnectOptions = Parameters<ChatTransport<OrionUIMessage>['reconnectToStream']>[0] & { readonly abortSignal?: AbortSignal | undefined };

/** A reply whose frames the transport reads. */
interface ActiveReply {
  readonly client: OrionClient;
  readonly connection: AbortController;
  /** Undefined if the request was rejected. */
  readonly replyId: Promise<string | undefined>;
}

/**
 * Connects a chat of the AI SDK with a session of Orion. The id of the chat is the id of the session. Orion stores the messages and reads the
 * history from the session, so only the last message is sent. Create one transport and keep it, because it knows the replies that are running.
 *
 * `sendMessage(message, { body: { model, metadata } })` chooses a model and stores metadata of the message.
 */
export class OrionChatTransport implements ChatTransport<OrionUIMessage> {
  /** A resumed stream contains the reply from its beginning. */
  readonly resumeStreamIsReplay = true;
  readonly #options: ChatTransportOptions;
  readonly #clients = new Map<string, OrionClient>();
  readonly #active = new Map<string, ActiveReply>();
  readonly #stopping = new Map<string, Promise<unknown>>();
  /** The ids of messages that Orion has not accepted. */
  readonly #unsent = new Set<string>();

  constructor(options: ChatTransportOptions) {
    this.#options = options;
  }

  /**
   * Sends the last message, and streams the reply. `regenerate` asks for another reply to the last message, which is sent if Orion did not
   * accept it before, for example because of a rate limit.
   */
  async sendMessages({ chatId, trigger, messages, abortSignal, body }: SendOptions): Promise<ReadableStream<UIMessageChunk>> {
    // A session has one reply at a time.
    await this.#stopping.get(chatId);
    const message = messages.findLast(({ role }) => role === 'user');
    const isNew = message !== undefined && (trigger === 'submit-message' || this.#unsent.has(message.id));
    if (isNew && message.parts.some(({ type }) => type === 'file')) throw new TypeError('Orion accepts only text.');
    const { model, metadata } = (body ?? {}) as { model?: string; metadata?: Record<string, unknown> };
    const client = this.#clientOf(chatId);
    const connection = new AbortController();
    if (isNew) this.#unsent.add(message.id);
    const frames = client.reply(chatId, {
      ...(model === undefined ? {} : { model }),
      ...(isNew ? { content: toText(message), idempotencyKey: message.id, ...(metadata === undefined ? {} : { metadata }) } : {}),
      signal: connection.signal,
    });
    return this.#open(chatId, client, connection, frames, abortSignal, () => message && this.#unsent.delete(message.id));
  }

  /** Streams the running reply from its beginning; null if none is running. */
  async reconnectToStream({ chatId, abortSignal }: ReconnectOptions): Promise<ReadableStream<UIMessageChunk> | null> {
    // The next stream of this chat replaces the current one: see #abort.
    this.#active.delete(chatId);
    const client = this.#clientOf(chatId);
    const connection = new AbortController();
    const close = () => connection.abort();
    abortSignal?.addEventListener('abort', close, { once: true });
    const frames = await this.#resume(chatId, client, connection.signal);
    abortSignal?.removeEventListener('abort', close);
    if (abortSignal?.aborted) throw abortError();
    if (!frames.ok) throw new OrionError(frames.problem);
    return frames.value && this.#open(chatId, client, connection, frames.value, abortSignal);
  }

  /**
   * Stops the reply that this transport streams. Its text is kept, and the chat ends normally. Does nothing if no reply is running.
   */
  async stop(sessionId: string): Promise<Result<void>> {
    const active = this.#active.get(sessionId);
    const replyId = await active?.replyId;
    if (active === undefined || replyId === undefined) return succeeded(undefined);
    const stopped = await active.client.stop(sessionId, replyId);
    return stopped.ok ? succeeded(undefined) : stopped;
  }

  async #resume(sessionId: string, client: OrionClient, signal: AbortSignal): Promise<Result<ReplyFrames | null>> {
    const running = await client.resume(sessionId, { signal });
    if (!running.ok || running.value !== null || !this.#options.autoReply) return running;
    const newest = await client.listMessages(sessionId, { order: 'desc', limit: 1 }, { signal });
    if (!newest.ok) return newest;
    const [last] = newest.value.messages;
    return succeeded(last?.role === 'user' ? client.reply(sessionId, { idempotencyKey: `reply-to-${last.id}`, signal }) : null);
  }

  #clientOf(sessionId: string): OrionClient {
    const { client } = this.#options;
    if (typeof client !== 'function') return client;
    const existing = this.#clients.get(sessionId) ?? client(sessionId);
    this.#clients.set(sessionId, existing);
    return existing;
  }

  /** Waits for the first frame, so that a rejected request is an error of the call. */
  async #open(
    sessionId: string, client: OrionClient, connection: AbortController, frames: ReplyFrames, abortSignal: AbortSignal | undefined,
    onStart: () => void = () => {},
  ): Promise<ReadableStream<UIMessageChunk>> {
    const iterator = frames[Symbol.asyncIterator]();
    const first = iterator.next();
    const active: ActiveReply = { client, connection, replyId: first.then(({ value }) => replyIdOf(value), () => undefined) };
    this.#active.set(sessionId, active);
    const end = () => {
      abortSignal?.removeEventListener('abort', abort);
      if (this.#active.get(sessionId) === active) this.#active.delete(sessionId);
    };
    const abort = () => {
      const stopping = this.#abort(sessionId, active).then(end);
      this.#stopping.set(sessionId, stopping);
    };
    abortSignal?.addEventListener('abort', abort, { once: true });
    if (abortSignal?.aborted) abort();

    void first.then(onStart, () => {});
    let next: IteratorResult<ReplyFrame> | undefined;
    try {
      next = await unlessAborted(first, abortSignal);
    } catch (error) {
      if (!abortSignal?.aborted) end();
      throw error;
    }

    let hasStarted = false;
    return new ReadableStream<UIMessageChunk>({
      pull: async controller => {
        try {
          const { done, value } = next ?? (await iterator.next());
          next = undefined;
          if (done) {
            end();
            return controller.close();
          }

          // The chat would show the text twice.
          if (value.type === 'start' && hasStarted) throw new OrionError(begunAgain);
          hasStarted ||= value.type === 'start';
          controller.enqueue(value);
        } catch (error) {
          // After an abort, the chat has cancelled the stream, which accepts no frame: see #abort.
          if (abortSignal?.aborted) return;
          end();
          connection.abort();
          controller.error(error);
        }
      },
      cancel: () => {
        // After an abort, the connection is closed when the reply has been stopped.
        if (!abortSignal?.aborted) {
          end();
          connection.abort();
        }
      },
    });
  }

  async #abort(sessionId: string, active: ActiveReply): Promise<void> {
    // A chat that resumes its stream again aborts the previous request, and begins the next one immediately.
    await new Promise(resolve => setTimeout(resolve));
    const isCurrent = this.#active.get(sessionId) === active;
    if (isCurrent && (this.#options.stopOnAbort ?? true)) await this.stop(sessionId);
    active.connection.abort();
  }
}

/** Converts messages of Orion, in any order, to messages of the AI SDK, oldest first. */
export const toUIMessages = (messages: readonly Message[]): OrionUIMessage[] =>
  messages.toSorted((a, b) => a.sequence - b.sequence).map(toUIMessage);

/** Converts a message of Orion to a message of the AI SDK. */
export const toUIMessage = ({ id, role, sequence, metadata, content }: Message): OrionUIMessage =>
  ({ id, role, metadata: { ...metadata, sequence }, parts: [{ type: 'text', text: content, state: 'done' }] });

/** Returns the text of a message of the AI SDK. */
export const toText = ({ parts }: Pick<UIMessage, 'parts'>): string =>
  parts.map(part => (part.type === 'text' ? part.text : '')).join('');

/**
 * Returns the sequence of a message of the user in a chat, for `editMessage` of the client, which needs a user token.
 * @param messages The messages of the chat.
 */
export const sequenceOfUIMessage = (
  client: OrionClient, sessionId: string, messages: readonly OrionUIMessage[], messageId: string,
): Promise<Result<number>> => {
  const shown = messages.flatMap(({ id, role, metadata, parts }) =>
    (role === 'system' ? [] : [{ id, role, content: toText({ parts }), sequence: metadata?.sequence }]));
  return sequenceOf(client, sessionId, shown, messageId);
};

/** Returns the problem of an error of useChat if Orion rejected the request or was not available; undefined for a failure of the model. */
export const problemOf = (error: unknown): Problem | undefined => (error instanceof OrionError ? error.problem : undefined);

const begunAgain = clientProblem('network_error', 'The reply ended while the connection was broken: load the messages again.');

const replyIdOf = (frame: ReplyFrame | void) => (frame?.type === 'start' ? frame.messageMetadata.replyId : undefined);

const abortError = () => new DOMException('The request was aborted.', 'AbortError');

function unlessAborted<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortError());
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal?.removeEventListener('abort', abort));
  });
}
