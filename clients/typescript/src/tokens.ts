import { clientProblem, failed, readProblem, succeeded, type Result } from './result.js';
import type { SessionToken } from './types.js';

/** Provides the tokens for the client. */
export interface TokenSource {
  /** Returns a valid token. */
  current(signal?: AbortSignal): Promise<Result<string>>;

  /** Orion rejected this token: `current` must not return it again. */
  invalidate(token: string): void;
}

/** Requests a session token from the page's own server. */
export type ObtainSessionToken = () => Promise<Result<SessionToken>>;

interface Held {
  readonly token: string;
  readonly renewAt: number;
  readonly endsAt: number;
}

/**
 * Holds the session token of one session in memory. The first call after `renewAfterSeconds` renews it, so that no call uses an
 * expired token. Times are measured from the moment of the request with the monotonic clock, so a wrong system clock does not matter.
 */
export class SessionTokens implements TokenSource {
  readonly #obtain: ObtainSessionToken;
  readonly #now: () => number;
  #held: Held | undefined;
  #renewal: Promise<Result<string>> | undefined;
  #generation = 0;

  /**
   * @param obtain Requests a token from the page's own server.
   * @param now Returns the milliseconds of a monotonic clock.
   */
  constructor(obtain: ObtainSessionToken, now: () => number = () => performance.now()) {
    this.#obtain = obtain;
    this.#now = now;
  }

  /**
   * Requests tokens with `POST` from a route of the page's own server. The route responds with Orion's session token as JSON, or with an
   * error response of Orion.
   * @param init Further options of the request, such as headers.
   */
  static from(url: string, init: RequestInit = {}): SessionTokens {
    return new SessionTokens(async () => {
      const response = await fetch(url, { method: 'POST', cache: 'no-store', ...init });
      const text = await response.text();
      return response.ok ? succeeded(JSON.parse(text) as SessionToken) : failed(readProblem(response.status, response.headers, text));
    });
  }

  async current(signal?: AbortSignal): Promise<Result<string>> {
    const held = this.#held;
    if (held !== undefined && this.#now() < held.renewAt) return succeeded(held.token);

    // All calls share one renewal, so the signal of one caller does not cancel it.
    const renewal = (this.#renewal ??= this.#renew(this.#generation));
    const renewed = await unlessAborted(renewal, signal);
    // The page's server may be unavailable for a moment. The old token is valid until it expires.
    const old = this.#held;
    return !renewed.ok && renewed.problem.error !== 'aborted' && old !== undefined && this.#now() < old.endsAt ? succeeded(old.token) : renewed;
  }

  invalidate(token: string): void {
    if (this.#held?.token === token) this.#held = undefined;
  }

  /** Discards the token, and the result of a pending renewal. Use it at sign-out, for example. */
  clear(): void {
    this.#generation++;
    this.#held = undefined;
    this.#renewal = undefined;
  }

  async #renew(generation: number): Promise<Result<string>> {
    const asked = this.#now();
    let obtained: Result<SessionToken>;
    try {
      obtained = await this.#obtain();
    } catch {
      obtained = failed(clientProblem('network_error', 'A new session token could not be obtained.'));
    }

    if (generation !== this.#generation) return failed(clientProblem('aborted', 'The token was discarded.'));

    this.#renewal = undefined;
    if (!obtained.ok) {
      // A rejection is final, unlike a temporary failure: the old token must not be used any longer.
      if ([401, 403, 404, 409].includes(obtained.problem.status)) this.#held = undefined;
      return obtained;
    }

    const { token, expiresIn, renewAfterSeconds } = obtained.value;
    this.#held = { token, renewAt: asked + renewAfterSeconds * 1000, endsAt: asked + expiresIn * 1000 };
    return succeeded(token);
  }
}

/** Creates a token source from a function that creates a token for each call. A server uses it for user tokens. */
export function tokenSourceFrom(mint: () => string | Promise<string>): TokenSource {
  return {
    current: async () => {
      try {
        return succeeded(await mint());
      } catch {
        return failed(clientProblem('network_error', 'A token could not be obtained.'));
      }
    },
    invalidate: () => {},
  };
}

function unlessAborted(renewal: Promise<Result<string>>, signal?: AbortSignal): Promise<Result<string>> {
  if (signal === undefined) return renewal;
  const aborted = failed(clientProblem('aborted', 'The call was aborted.'));
  if (signal.aborted) return Promise.resolve(aborted);
  return new Promise(resolve => {
    const abort = () => resolve(aborted);
    signal.addEventListener('abort', abort, { once: true });
    void renewal.then(result => {
      signal.removeEventListener('abort', abort);
      resolve(result);
    });
  });
}
