import { unwrap } from './errors.js';
import { acceptsStream, readReply, ReplyStreamError, streamCall, type ReplyFrames } from './replies.js';
import { clientProblem, failed, succeeded, type Result } from './result.js';
import { tokenSourceFrom, type TokenSource } from './tokens.js';
import { readNdjson, readStream, Transport, type Call, type ReadValue, type RetryOptions, type Target } from './transport.js';
import type {
  Fork, Me, Message, MessagePage, MessageQuery, Models, NewMessage, NewReply, NewSession, Reply, SearchPage, SearchQuery, SearchResult, Session,
  SessionChange, SessionPage, SessionQuery, SessionToken,
} from './types.js';

export interface ClientOptions {
  /** The address of Orion, such as `https://orion.example.com`. */
  readonly baseUrl: string;
  /** The source of tokens: `SessionTokens` in a page, or on a server a function that creates a user token. */
  readonly token: TokenSource | (() => string | Promise<string>);
  /** The fetch function; by default, the platform's `fetch`. */
  readonly fetch?: typeof fetch;
  /**
   * By default, 4 attempts, waits of up to 5 s, and a timeout of 35 s for each attempt. A stream counts as broken after 45 s without a
   * byte, and is continued with 8 attempts.
   */
  readonly retry?: Partial<RetryOptions>;
}

export interface CallOptions {
  /** Aborts the call, including its waits, with the problem `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

export interface WriteOptions extends CallOptions {
  /**
   * 1 to 255 visible ASCII characters. By default, each call generates a key for its own retries. Set a key to retry a write after a
   * call with an unknown outcome: use the same key and the same content again.
   */
  readonly idempotencyKey?: string;
}

/** `content` is appended as the user's message, with `metadata`; without it, `metadata` is not allowed. */
export interface ReplyOptions extends WriteOptions, NewReply {}

/** A message of the user that is written anew. */
export interface Edit {
  /** The sequence of the message. */
  readonly sequence: number;
  /** The new text. */
  readonly content: string;
  /** The title of the new session. By default, it is the original's; if message 1 is edited, the new text names the session. */
  readonly title?: string;
}

export interface ChangeOptions extends CallOptions {
  /** The expected `version` of the session; the call fails with `precondition_failed` if the session has a different version. */
  readonly ifVersion?: number;
}

/**
 * A client for Orion's resource routes. Every call returns a {@link Result}; calls do not throw for network errors or errors of Orion.
 * A session token allows `getSession`, `listMessages`, `getMessage`, `appendMessage`, `reply`, `resume`, `getReply` and `stop` for its session.
 * All other calls need a user token.
 */
export class OrionClient {
  readonly #transport: Transport;

  constructor(options: ClientOptions) {
    this.#transport = new Transport({
      baseUrl: originAndPath(options.baseUrl),
      tokens: typeof options.token === 'function' ? tokenSourceFrom(options.token) : options.token,
      // A wrapper, because fetch in a browser throws if it is called as a method of another object.
      fetch: options.fetch ?? ((input, init) => fetch(input, init)),
      retry: { attempts: 4, longestWaitSeconds: 5, timeoutSeconds: 35, reconnectAttempts: 8, silenceSeconds: 45, ...options.retry },
    });
  }

  createSession(session: NewSession = {}, options: WriteOptions = {}): Promise<Result<Session>> {
    return this.#create({ method: 'POST', path: '/api/sessions' }, session, options);
  }

  listSessions(query: SessionQuery = {}, options: CallOptions = {}): Promise<Result<SessionPage>> {
    return this.#send({ method: 'GET', path: '/api/sessions', query, retryable: true, signal: options.signal });
  }

  /** Iterates over all sessions, page by page. The iteration throws {@link OrionError} if a page cannot be read. */
  listAllSessions(query: Omit<SessionQuery, 'cursor'> = {}, options: CallOptions = {}): AsyncIterable<Session> {
    return allItems(cursor => this.listSessions({ limit: 200, ...query, ...cursor }, options), page => page.sessions);
  }

  getSession(sessionId: string, options: CallOptions = {}): Promise<Result<Session>> {
    return this.#send({ method: 'GET', path: '/api/sessions/{sessionId}', ids: [sessionId], retryable: true, signal: options.signal });
  }

  /** Renames, archives or restores a session, changes its metadata, or sets when it expires; `expiresAt: null` keeps it. */
  changeSession(sessionId: string, change: SessionChange, options: ChangeOptions = {}): Promise<Result<Session>> {
    return this.#send({
      method: 'PATCH', path: '/api/sessions/{sessionId}', ids: [sessionId], body: change, headers: ifMatch(options), retryable: false,
      signal: options.signal,
    });
  }

  /**
   * Creates a session with copies of the messages up to `throughSequence` (by default, all). To edit a message or to ask again, fork before
   * that message, and go on in the new session: the original keeps what followed.
   */
  forkSession(sessionId: string, fork: Fork = {}, options: WriteOptions = {}): Promise<Result<Session>> {
    return this.#create({ method: 'POST', path: '/api/sessions/{sessionId}/forks', ids: [sessionId] }, fork, options);
  }

  /**
   * Edits a message of the user without losing what followed it: creates a session with the messages before it, and with the new text as its
   * last message. The reply is requested there, as after `createSession({ firstMessage })`: see `autoReply`. The new session of a temporary
   * one expires at the same time.
   *
   * Takes two requests. To retry it, use the same `idempotencyKey`, at most 255 characters.
   */
  async editMessage(
    sessionId: string, { sequence, content, title }: Edit, { idempotencyKey = newIdempotencyKey(), signal }: WriteOptions = {},
  ): Promise<Result<Pick<Session, 'sessionId'>>> {
    const options = { idempotencyKey, signal };
    const titled = title === undefined ? {} : { title };
    const created = sequence === 1
      ? await this.#createLike(sessionId, { firstMessage: content, ...titled }, options)
      : await this.forkSession(sessionId, { throughSequence: sequence - 1, ...titled }, options);
    if (!created.ok) return created;

    const { sessionId: edited, version, messageCount } = created.value;
    const appended = messageCount < sequence ? await this.appendMessage(edited, { role: 'user', content }, options) : created;
    if (appended.ok) return succeeded({ sessionId: edited });

    // No retry can succeed, so that a session without the message would remain. With the message of an earlier call, it has another version.
    if ([400, 413].includes(appended.problem.status)) await this.deleteSession(edited, { ifVersion: version });
    return appended;
  }

  async #createLike(sessionId: string, session: NewSession, options: WriteOptions): Promise<Result<Session>> {
    const original = await this.getSession(sessionId, options);
    if (!original.ok) return original;
    const { expiresAt } = original.value;
    return this.createSession({ ...session, ...(expiresAt === undefined ? {} : { expiresAt }) }, options);
  }

  deleteSession(sessionId: string, options: ChangeOptions = {}): Promise<Result<void>> {
    return this.#send({
      method: 'DELETE', path: '/api/sessions/{sessionId}', ids: [sessionId], headers: ifMatch(options), retryable: false, signal: options.signal,
    });
  }

  listMessages(sessionId: string, query: MessageQuery = {}, options: CallOptions = {}): Promise<Result<MessagePage>> {
    return this.#send({
      method: 'GET', path: '/api/sessions/{sessionId}/messages', ids: [sessionId], query, retryable: true, signal: options.signal,
    });
  }

  /** Iterates over all messages of a session, page by page. The iteration throws {@link OrionError} if a page cannot be read. */
  listAllMessages(sessionId: string, query: Omit<MessageQuery, 'cursor'> = {}, options: CallOptions = {}): AsyncIterable<Message> {
    return allItems(cursor => this.listMessages(sessionId, { limit: 1000, ...query, ...cursor }, options), page => page.messages);
  }

  getMessage(sessionId: string, messageId: string, options: CallOptions = {}): Promise<Result<Message>> {
    return this.#send({
      method: 'GET', path: '/api/sessions/{sessionId}/messages/{messageId}', ids: [sessionId, messageId], retryable: true, signal: options.signal,
    });
  }

  appendMessage(sessionId: string, message: NewMessage, options: WriteOptions = {}): Promise<Result<Message>> {
    return this.#create({ method: 'POST', path: '/api/sessions/{sessionId}/messages', ids: [sessionId] }, message, options);
  }

  /**
   * Asks the model for a reply, and streams it. With `content`, Orion first appends it as a message of the user; without, the model replies
   * to the last message of the user ("try again"). Nothing is sent before the iteration.
   *
   * A broken connection does not matter: the client connects again and continues behind the last frame. It begins a reply once, because
   * it sends an idempotency key. The reply goes on if you end the iteration or abort the signal; {@link stop} ends it.
   *
   * The iteration throws {@link ReplyStreamError} if Orion rejects the request, or if the attempts to connect again fail. `collectReply`
   * returns a {@link Result} instead.
   */
  async *reply(sessionId: string, { idempotencyKey, signal, ...reply }: ReplyOptions = {}): ReplyFrames {
    if (!areIds([sessionId])) throw new ReplyStreamError(invalidId);
    yield* readReply(this.#transport, sessionId, {
      method: 'POST',
      path: '/api/sessions/{sessionId}/replies',
      ids: [sessionId],
      body: JSON.stringify(reply),
      headers: { ...acceptsStream, 'Idempotency-Key': idempotencyKey ?? newIdempotencyKey() },
      retryable: true,
      signal,
    });
  }

  /**
   * Streams the running reply of a session from its first frame; null if none is running. It can have ended a moment ago: read the messages
   * again if the last one that you know is the user's.
   */
  async resume(sessionId: string, { signal }: CallOptions = {}): Promise<Result<ReplyFrames | null>> {
    const call = streamCall({ path: '/api/sessions/{sessionId}/stream', ids: [sessionId] }, signal);
    const opened = await this.#send(call, readStream);
    if (!opened.ok) return opened;
    return succeeded(opened.value === null ? null : readReply(this.#transport, sessionId, call, opened));
  }

  /** Reads a reply as it is now. */
  getReply(sessionId: string, replyId: string, options: CallOptions = {}): Promise<Result<Reply>> {
    return this.#send({
      method: 'GET', path: '/api/sessions/{sessionId}/replies/{replyId}', ids: [sessionId, replyId], retryable: true, signal: options.signal,
    });
  }

  /** Stops a reply, and keeps its text. Returns the reply; a reply that has ended does not change. */
  stop(sessionId: string, replyId: string, options: CallOptions = {}): Promise<Result<Reply>> {
    return this.#send({
      method: 'POST', path: '/api/sessions/{sessionId}/replies/{replyId}/stop', ids: [sessionId, replyId], retryable: true, signal: options.signal,
    });
  }

  /** Lists the models that `reply` accepts; the first one is the default. */
  models(options: CallOptions = {}): Promise<Result<Models>> {
    return this.#send({ method: 'GET', path: '/api/models', retryable: true, signal: options.signal });
  }

  /**
   * Finds messages, and titles of sessions, that contain all words of `q`, newest first. A page can have fewer results than `limit`, or none,
   * and a `nextCursor`: Orion examines a limited number of texts for each. `splitSnippet` splits a result's snippet at the matches.
   */
  search(query: SearchQuery, options: CallOptions = {}): Promise<Result<SearchPage>> {
    return this.#send({ method: 'GET', path: '/api/search', query, retryable: true, signal: options.signal });
  }

  /** Iterates over all results, page by page. The iteration throws {@link OrionError} if a page cannot be read. */
  searchAll(query: Omit<SearchQuery, 'cursor'>, options: CallOptions = {}): AsyncIterable<SearchResult> {
    return allItems(cursor => this.search({ limit: 100, ...query, ...cursor }, options), page => page.results);
  }

  /**
   * Exports all sessions and messages of the user as a file (NDJSON). The response is streamed, and a server can pass it on to a page as it is:
   * it has the headers `Content-Type`, `Content-Disposition` (with a file name) and `Cache-Control`. Read or cancel its body. An export that
   * breaks is an error of the body; a complete one ends with a line of the type `end`. Counts as ten requests of the rate limit, so it is not
   * retried.
   */
  exportSessions({ signal }: CallOptions = {}): Promise<Result<Response>> {
    const headers = { Accept: 'application/x-ndjson, application/problem+json' };
    return this.#send({ method: 'GET', path: '/api/export', headers, attempts: 1, retryable: false, signal }, readNdjson(signal));
  }

  getMe(options: CallOptions = {}): Promise<Result<Me>> {
    return this.#send({ method: 'GET', path: '/api/me', retryable: true, signal: options.signal });
  }

  /** Creates a token for one session, for use in a page. `expiresInSeconds` is 1 to 900, by default 300. */
  async mintSessionToken(
    sessionId: string, options: CallOptions & { readonly expiresInSeconds?: number } = {},
  ): Promise<Result<SessionToken>> {
    const { expiresInSeconds, signal } = options;
    if (!areIds([sessionId])) return failed(invalidId);
    return this.#send({
      method: 'POST',
      path: '/api/tokens',
      body: { sessionId, ...(expiresInSeconds === undefined ? {} : { expiresInSeconds }) },
      // An unused token does no harm.
      retryable: true,
      signal,
    });
  }

  /** Revokes every token of the caller that was issued up to now, including the token of this call. */
  revokeTokens(options: CallOptions = {}): Promise<Result<void>> {
    return this.#send({ method: 'POST', path: '/api/tokens/revoke', retryable: false, signal: options.signal });
  }

  #create<T>(target: Target, body: unknown, options: WriteOptions): Promise<Result<T>> {
    const headers = { 'Idempotency-Key': options.idempotencyKey ?? newIdempotencyKey() };
    return this.#send({ ...target, body, headers, retryable: true, signal: options.signal });
  }

  async #send<T>(call: Call, readValue?: ReadValue<T>): Promise<Result<T>> {
    return areIds(call.ids) ? this.#transport.send(call, readValue) : failed(invalidId);
  }
}

/** Reads the pages of a list one after the other. */
async function* allItems<Page extends { readonly nextCursor?: string }, Item>(
  read: (cursor: { cursor?: string }) => Promise<Result<Page>>, itemsOf: (page: Page) => readonly Item[],
): AsyncGenerator<Item, void, undefined> {
  let cursor: string | undefined;
  do {
    const page: Page = unwrap(await read(cursor === undefined ? {} : { cursor }));
    yield* itemsOf(page);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

/** Generates a unique key of 128 random bits. Unlike `crypto.randomUUID`, it also works in pages without HTTPS. */
export function newIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
}

// Other ids could change the path, for example `..`.
const areIds = (ids: readonly string[] = []) => ids.every(id => uuid.test(id));

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const invalidId = clientProblem('invalid_id', 'An id must be a UUID.');

const ifMatch = ({ ifVersion }: ChangeOptions): Record<string, string> => (ifVersion === undefined ? {} : { 'If-Match': `"${ifVersion}"` });

function originAndPath(baseUrl: string): string {
  const url = new URL(baseUrl);
  if (!['http:', 'https:'].includes(url.protocol)) throw new TypeError('baseUrl must be an http: or https: address.');
  if (url.username || url.password || url.search || url.hash) throw new TypeError('baseUrl must contain only an origin and optionally a path.');
  return url.origin + url.pathname.replace(/\/+$/, '');
}
