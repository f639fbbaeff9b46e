import { clientProblem, failed, type Result } from './result.js';
import { mintedFor, type TokenSource } from './tokens.js';
import { Transport, type Patience } from './transport.js';
import type {
  Me, Message, MessagePage, MessageQuery, NewMessage, NewSession, Session, SessionChange, SessionPage, SessionQuery, SessionToken,
} from './types.js';

export interface ClientOptions {
  /** Where Orion is, as `https://orion.example.com`. */
  readonly baseUrl: string;
  /** Where tokens come from: `SessionTokens` in a page; on a server a function that mints a user token. */
  readonly token: TokenSource | (() => string | Promise<string>);
  /** What sends, by default the platform's `fetch`. */
  readonly fetch?: typeof fetch;
  /** By default 4 attempts, waits of up to 5 s, and 35 s for each attempt. */
  readonly patience?: Partial<Patience>;
}

export interface CallOptions {
  /** Ends the call, its waits included, with the problem `aborted`. */
  readonly signal?: AbortSignal;
}

export interface WriteOptions extends CallOptions {
  /**
   * 1 to 255 visible ASCII characters. Without it each call makes its own, which covers its own repeats. Give one, and give it
   * again with the same content, to repeat a write that an earlier call was not sure of.
   */
  readonly idempotencyKey?: string;
}

export interface ChangeOptions extends CallOptions {
  /** The `version` that the change is meant for; `precondition_failed` where it is another by now. */
  readonly ifVersion?: number;
}

/**
 * Orion's resource routes. Every call comes back as a {@link Result}; none throws for what the network or Orion does. A session token reaches `getSession`,
 * `listMessages`, `getMessage` and `appendMessage` of its own session; everything else needs a user token.
 */
export class OrionClient {
  readonly #transport: Transport;

  constructor(options: ClientOptions) {
    this.#transport = new Transport({
      baseUrl: originAndPath(options.baseUrl),
      tokens: typeof options.token === 'function' ? mintedFor(options.token) : options.token,
      // Called on its own: a browser's fetch refuses to be another object's method.
      fetch: options.fetch ?? ((input, init) => fetch(input, init)),
      patience: { attempts: 4, longestWaitSeconds: 5, timeoutSeconds: 35, ...options.patience },
    });
  }

  createSession(session: NewSession = {}, options: WriteOptions = {}): Promise<Result<Session>> {
    return this.#create('/api/sessions', session, options);
  }

  listSessions(query: SessionQuery = {}, options: CallOptions = {}): Promise<Result<SessionPage>> {
    return this.#transport.send({ method: 'GET', path: '/api/sessions', query, repeatable: true, signal: options.signal });
  }

  getSession(sessionId: string, options: CallOptions = {}): Promise<Result<Session>> {
    return this.#at([sessionId], () =>
      this.#transport.send({ method: 'GET', path: `/api/sessions/${sessionId}`, repeatable: true, signal: options.signal }));
  }

  /** Renames, archives, restores or describes a session. */
  changeSession(sessionId: string, change: SessionChange, options: ChangeOptions = {}): Promise<Result<Session>> {
    return this.#at([sessionId], () => this.#transport.send({
      method: 'PATCH', path: `/api/sessions/${sessionId}`, body: change, headers: ifMatch(options), repeatable: false, signal: options.signal,
    }));
  }

  deleteSession(sessionId: string, options: ChangeOptions = {}): Promise<Result<void>> {
    return this.#at([sessionId], () => this.#transport.send({
      method: 'DELETE', path: `/api/sessions/${sessionId}`, headers: ifMatch(options), repeatable: false, signal: options.signal,
    }));
  }

  listMessages(sessionId: string, query: MessageQuery = {}, options: CallOptions = {}): Promise<Result<MessagePage>> {
    return this.#at([sessionId], () =>
      this.#transport.send({ method: 'GET', path: `/api/sessions/${sessionId}/messages`, query, repeatable: true, signal: options.signal }));
  }

  getMessage(sessionId: string, messageId: string, options: CallOptions = {}): Promise<Result<Message>> {
    return this.#at([sessionId, messageId], () =>
      this.#transport.send({ method: 'GET', path: `/api/sessions/${sessionId}/messages/${messageId}`, repeatable: true, signal: options.signal }));
  }

  appendMessage(sessionId: string, message: NewMessage, options: WriteOptions = {}): Promise<Result<Message>> {
    return this.#at([sessionId], () => this.#create(`/api/sessions/${sessionId}/messages`, message, options));
  }

  getMe(options: CallOptions = {}): Promise<Result<Me>> {
    return this.#transport.send({ method: 'GET', path: '/api/me', repeatable: true, signal: options.signal });
  }

  /** A token for one session, to be given to a page. `expiresInSeconds` is 1 to 900, by default 300. */
  mintSessionToken(sessionId: string, options: CallOptions & { readonly expiresInSeconds?: number } = {}): Promise<Result<SessionToken>> {
    const { expiresInSeconds, signal } = options;
    return this.#at([sessionId], () => this.#transport.send({
      method: 'POST',
      path: '/api/tokens',
      body: { sessionId, ...(expiresInSeconds === undefined ? {} : { expiresInSeconds }) },
      // One token more than is used does no harm.
      repeatable: true,
      signal,
    }));
  }

  /** Ends every token of the caller that was issued up to now, the one of this call included. */
  revokeTokens(options: CallOptions = {}): Promise<Result<void>> {
    return this.#transport.send({ method: 'POST', path: '/api/tokens/revoke', repeatable: false, signal: options.signal });
  }

  #create<T>(path: string, body: unknown, options: WriteOptions): Promise<Result<T>> {
    const headers = { 'Idempotency-Key': options.idempotencyKey ?? newIdempotencyKey() };
    return this.#transport.send({ method: 'POST', path, body, headers, repeatable: true, signal: options.signal });
  }

  // Anything else would be another path: `..` is one of its parts.
  #at<T>(ids: readonly string[], send: () => Promise<Result<T>>): Promise<Result<T>> {
    return ids.every(id => uuid.test(id)) ? send() : Promise.resolve(failed(clientProblem('invalid_id', 'An id is a UUID.')));
  }
}

/** A key that nobody else has: 128 random bits. Unlike `crypto.randomUUID` it can be had in a page without HTTPS, too. */
export function newIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const ifMatch = ({ ifVersion }: ChangeOptions): Record<string, string> => (ifVersion === undefined ? {} : { 'If-Match': `"${ifVersion}"` });

function originAndPath(baseUrl: string): string {
  const url = new URL(baseUrl);
  if (!['http:', 'https:'].includes(url.protocol)) throw new TypeError('baseUrl: an http: or https: address is needed.');
  if (url.username || url.password || url.search || url.hash) throw new TypeError('baseUrl: an origin and perhaps a path, nothing else.');
  return url.origin + url.pathname.replace(/\/+$/, '');
}
