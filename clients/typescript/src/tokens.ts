import { clientProblem, failed, succeeded, type Result } from './result.js';
import type { SessionToken } from './types.js';

/** Where the client gets its tokens from. */
export interface TokenSource {
  /** A token that counts now. */
  current(signal?: AbortSignal): Promise<Result<string>>;

  /** Orion refused this token: `current` must not give it again. */
  refused(token: string): void;
}

/** Asks the page's own server for a session token. */
export type ObtainSessionToken = () => Promise<Result<SessionToken>>;

interface Held {
  readonly token: string;
  readonly renewAt: number;
  readonly endsAt: number;
}

/**
 * The session token of one session, held in memory alone. It is renewed by the first call after `renewAfterSeconds`, so that
 * no call goes out with a token that has ended. The times count from the moment of asking and on this machine's monotonic
 * clock, so a clock that is wrong does not matter.
 */
export class SessionTokens implements TokenSource {
  readonly #obtain: ObtainSessionToken;
  readonly #now: () => number;
  #held: Held | undefined;
  #renewal: Promise<Result<string>> | undefined;
  #generation = 0;

  /**
   * @param obtain Asks the page's own server for a token.
   * @param now Milliseconds of a clock that is never set.
   */
  constructor(obtain: ObtainSessionToken, now: () => number = () => performance.now()) {
    this.#obtain = obtain;
    this.#now = now;
  }

  async current(signal?: AbortSignal): Promise<Result<string>> {
    const held = this.#held;
    if (held !== undefined && this.#now() < held.renewAt) return succeeded(held.token);

    // One renewal serves all calls, so no single caller's signal ends it.
    const renewal = (this.#renewal ??= this.#renew(this.#generation));
    const renewed = await unlessAborted(renewal, signal);
    // The page's server may be away for a moment: the old token is good until its end.
    const old = this.#held;
    return !renewed.ok && renewed.problem.error !== 'aborted' && old !== undefined && this.#now() < old.endsAt ? succeeded(old.token) : renewed;
  }

  refused(token: string): void {
    if (this.#held?.token === token) this.#held = undefined;
  }

  /** Forgets the token, also one that is on its way; at sign-out, for instance. */
  clear(): void {
    this.#generation++;
    this.#held = undefined;
    this.#renewal = undefined;
  }

  async #renew(generation: number): Promise<Result<string>> {
    const asked = this.#now();
    let answer: Result<SessionToken>;
    try {
      answer = await this.#obtain();
    } catch {
      answer = failed(clientProblem('network_error', 'A new session token could not be had.'));
    }

    if (generation !== this.#generation) return failed(clientProblem('aborted', 'The token was given up.'));

    this.#renewal = undefined;
    if (!answer.ok) {
      // A refusal is a decision, not a disturbance: what it withdraws is not used on.
      if ([401, 403, 404, 409].includes(answer.problem.status)) this.#held = undefined;
      return answer;
    }

    const { token, expiresIn, renewAfterSeconds } = answer.value;
    this.#held = { token, renewAt: asked + renewAfterSeconds * 1000, endsAt: asked + expiresIn * 1000 };
    return succeeded(token);
  }
}

/** Makes a source of a function that makes a token for each call, as a server that mints user tokens does. */
export function mintedFor(mint: () => string | Promise<string>): TokenSource {
  return {
    current: async () => {
      try {
        return succeeded(await mint());
      } catch {
        return failed(clientProblem('network_error', 'A token could not be had.'));
      }
    },
    refused: () => {},
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
