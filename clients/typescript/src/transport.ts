import { clientProblem, failed, parseObject, readProblem, succeeded, type Problem, type Result } from './result.js';
import type { TokenSource } from './tokens.js';

/** How patient the client is. */
export interface Patience {
  /** How often a call is sent at the most, the first time included. */
  readonly attempts: number;
  /** The longest that it waits between two of them; where Orion asks for more, the caller is told at once. */
  readonly longestWaitSeconds: number;
  /** How long one attempt may take. Orion ends a request after 30 s. */
  readonly timeoutSeconds: number;
}

/** A call as the transport sends it. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether a repeat does no harm when nobody knows what became of the first. */
  readonly repeatable: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface TransportOptions {
  readonly baseUrl: string;
  readonly tokens: TokenSource;
  readonly fetch: typeof fetch;
  readonly patience: Patience;
}

type Attempt<T> = { readonly result: Result<T>; readonly refusedToken?: string };

/** Sends calls with a token, and repeats those that may be repeated. */
export class Transport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  async send<T>(call: Call): Promise<Result<T>> {
    const { tokens, patience } = this.#options;
    // Once: a repeat is the same to the byte, whatever becomes of the caller's object meanwhile.
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    let renewed = false;
    for (let attempt = 1; ; ) {
      const { result, refusedToken } = await this.#attempt<T>(call, body);
      if (result.ok) return result;

      // Nothing was done, so every call may be repeated; once, since a second refusal is about more than the token's age.
      if (refusedToken !== undefined && !renewed) {
        renewed = true;
        tokens.refused(refusedToken);
        continue;
      }

      const wait = attempt < patience.attempts ? this.#waitBeforeRepeat(call, result.problem, attempt) : undefined;
      if (wait === undefined) return result;
      if (!(await pause(wait, call.signal))) return failed(aborted());
      attempt++;
    }
  }

  /** Seconds; undefined where the caller should decide. */
  #waitBeforeRepeat(call: Call, problem: Problem, attempt: number): number | undefined {
    if (!mayRepeat(call, problem)) return undefined;
    const { longestWaitSeconds } = this.#options.patience;
    const asked = problem.retryAfterSeconds ?? 0;
    if (asked > longestWaitSeconds) return undefined;
    // Twice as long each time, and never all at once.
    const backoff = 0.25 * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
    return Math.max(asked, Math.min(backoff, longestWaitSeconds));
  }

  async #attempt<T>(call: Call, body: string | undefined): Promise<Attempt<T>> {
    const { tokens, patience } = this.#options;
    if (call.signal?.aborted) return { result: failed(aborted()) };
    const token = await tokens.current(call.signal);
    if (!token.ok) return { result: token };

    const controller = new AbortController();
    const abort = () => controller.abort();
    call.signal?.addEventListener('abort', abort, { once: true });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      controller.abort();
    }, patience.timeoutSeconds * 1000);
    try {
      const response = await this.#options.fetch(this.#url(call), {
        method: call.method,
        headers: {
          Accept: 'application/json, application/problem+json',
          Authorization: `Bearer ${token.value}`,
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...call.headers,
        },
        ...(body === undefined ? {} : { body }),
        signal: controller.signal,
        cache: 'no-store',
        credentials: 'omit',
        // A token goes nowhere but to the address that it is meant for.
        redirect: 'error',
        referrerPolicy: 'no-referrer',
      });
      const result = await read<T>(response);
      const isRefused = !result.ok && result.problem.error === 'invalid_token';
      return isRefused ? { result, refusedToken: token.value } : { result };
    } catch {
      if (call.signal?.aborted) return { result: failed(aborted()) };
      return {
        result: failed(timedOut
          ? clientProblem('timed_out', `There was no answer within ${patience.timeoutSeconds} s.`)
          : clientProblem('network_error', 'There was no answer: Orion is out of reach, or refuses this origin.')),
      };
    } finally {
      clearTimeout(timer);
      call.signal?.removeEventListener('abort', abort);
    }
  }

  #url(call: Call): string {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) query.set(name, String(value));
    }

    const text = query.toString();
    return `${this.#options.baseUrl}${call.path}${text === '' ? '' : `?${text}`}`;
  }
}

function mayRepeat(call: Call, problem: Problem): boolean {
  switch (problem.error) {
    // Refused before anything was done.
    case 'rate_limited':
      return problem.retryAfterSeconds !== undefined;
    // The same write is under way: what became of it is known in a moment.
    case 'conflict':
    case 'unavailable':
    case 'network_error':
    case 'timed_out':
      return call.repeatable;
    // A proxy that does not reach Orion.
    case 'unexpected_answer':
      return call.repeatable && [502, 503, 504].includes(problem.status);
    default:
      return false;
  }
}

async function read<T>(response: Response): Promise<Result<T>> {
  const text = await response.text();
  if (!response.ok) return failed(readProblem(response.status, response.headers, text));
  if (response.status === 204) return succeeded(undefined as T);
  const value = parseObject(text);
  return value === undefined
    ? failed({ error: 'unexpected_answer', status: response.status, detail: 'The answer is not in JSON: is this the address of Orion?' })
    : succeeded(value as T);
}

const aborted = () => clientProblem('aborted', 'The call was aborted.');

/** Whether the time went by without an abort. */
function pause(seconds: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise(resolve => {
    const abort = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve(true);
    }, seconds * 1000);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
