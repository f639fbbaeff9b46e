import { clientProblem, failed, parseObject, readProblem, succeeded, type Problem, type Result } from './result.js';
import type { paths } from './schema.js';
import type { TokenSource } from './tokens.js';

/** Options for retries and timeouts. */
export interface RetryOptions {
  /** The maximum number of attempts, including the first one. */
  readonly attempts: number;
  /** The maximum wait between two attempts. If Orion requests a longer wait, the call returns the problem immediately. */
  readonly longestWaitSeconds: number;
  /** The timeout of one attempt; of a stream, until its first byte. Orion cancels a request after 30 s. */
  readonly timeoutSeconds: number;
  /** The maximum number of attempts to continue a stream whose connection is broken. */
  readonly reconnectAttempts: number;
  /** The time without a byte after which the connection of a stream counts as broken. Orion sends something every 15 s. */
  readonly silenceSeconds: number;
}

type Method = 'get' | 'post' | 'patch' | 'delete';

/** A method and a path of the schema: a route that Orion does not have is a compile error. */
export type Route = {
  [Path in keyof paths]: {
    [M in Method]: paths[Path] extends Record<M, object> ? { readonly method: Uppercase<M>; readonly path: Path } : never;
  }[Method];
}[keyof paths];

/** A route, and the ids that replace the parameters of its path, in their order. */
export type Target = Route & { readonly ids?: readonly string[] };

/** A call as the transport sends it. */
export type Call = Target & {
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  /** A text is sent as it is; other values are serialized. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The maximum number of attempts, if it differs from the options. */
  readonly attempts?: number;
  /** Whether a retry is safe if the outcome of the first attempt is unknown. */
  readonly retryable: boolean;
  readonly signal?: AbortSignal | undefined;
};

export interface TransportOptions {
  readonly baseUrl: string;
  readonly tokens: TokenSource;
  readonly fetch: typeof fetch;
  readonly retry: RetryOptions;
}

/** Reads the value of a successful response. The controller aborts the request and the body. */
export type ReadValue<T> = (response: Response, request: AbortController) => Promise<Result<T>>;

type Attempt<T> = { readonly result: Result<T>; readonly rejectedToken?: string };

/** Sends calls with a token, and retries them if this is safe. */
export class Transport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  get retry(): RetryOptions {
    return this.#options.retry;
  }

  async send<T>(call: Call, readValue: ReadValue<T> = readJson): Promise<Result<T>> {
    const { tokens, retry } = this.#options;
    // Serialized once, so that a retry sends identical bytes even if the caller changes the object.
    const body = call.body === undefined || typeof call.body === 'string' ? call.body : JSON.stringify(call.body);
    let renewed = false;
    for (let attempt = 1; ; ) {
      const { result, rejectedToken } = await this.#attempt(call, body, readValue);
      if (result.ok) return result;

      // Orion did nothing, so every call can be retried. Only once, because a second rejection is not caused by the token's age.
      if (rejectedToken !== undefined && !renewed) {
        renewed = true;
        tokens.invalidate(rejectedToken);
        continue;
      }

      const wait = attempt < (call.attempts ?? retry.attempts) ? this.#waitBeforeRetry(call, result.problem, attempt) : undefined;
      if (wait === undefined) return result;
      if (!(await pause(wait, call.signal))) return failed(aborted());
      attempt++;
    }
  }

  /** Returns seconds, or undefined if the caller should decide. */
  #waitBeforeRetry(call: Call, problem: Problem, attempt: number): number | undefined {
    if (!mayRetry(call, problem)) return undefined;
    const { longestWaitSeconds } = this.#options.retry;
    const asked = problem.retryAfterSeconds ?? 0;
    if (asked > longestWaitSeconds) return undefined;
    return Math.max(asked, backoff(attempt, longestWaitSeconds));
  }

  async #attempt<T>(call: Call, body: string | undefined, readValue: ReadValue<T>): Promise<Attempt<T>> {
    const { tokens, retry } = this.#options;
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
    }, retry.timeoutSeconds * 1000);
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
        // Sends the token only to Orion's address.
        redirect: 'error',
        referrerPolicy: 'no-referrer',
      });
      const result = response.ok ? await readValue(response, controller) : failed(readProblem(response.status, response.headers, await response.text()));
      const isRejected = !result.ok && result.problem.error === 'invalid_token';
      return isRejected ? { result, rejectedToken: token.value } : { result };
    } catch {
      if (call.signal?.aborted) return { result: failed(aborted()) };
      return {
        result: failed(timedOut
          ? clientProblem('timed_out', `There was no response within ${retry.timeoutSeconds} s.`)
          : clientProblem('network_error', 'There was no response: Orion is not reachable, or rejects this origin.')),
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
    const ids = [...(call.ids ?? [])];
    const path = call.path.replace(/\{\w+\}/g, () => ids.shift() ?? '');
    return `${this.#options.baseUrl}${path}${text === '' ? '' : `?${text}`}`;
  }
}

function mayRetry(call: Call, problem: Problem): boolean {
  switch (problem.error) {
    // Rejected before anything was done.
    case 'rate_limited':
      return problem.retryAfterSeconds !== undefined;
    // The same write is in progress and finishes soon.
    case 'conflict':
    case 'unavailable':
    case 'network_error':
    case 'timed_out':
      return call.retryable;
    // A proxy that cannot connect to Orion.
    case 'unexpected_answer':
      return call.retryable && [502, 503, 504].includes(problem.status);
    default:
      return false;
  }
}

async function readJson<T>(response: Response): Promise<Result<T>> {
  const text = await response.text();
  if (response.status === 204) return succeeded(undefined as T);
  const value = parseObject(text);
  return value === undefined ? failed(notFromOrion(response, 'The response is not JSON')) : succeeded(value as T);
}

/** Returns the body of a `text/event-stream`; null for 204. */
export async function readStream(response: Response): Promise<Result<ReadableStream<Uint8Array> | null>> {
  if (response.status === 204) return succeeded(null);
  if (response.body !== null && /^text\/event-stream *(;|$)/i.test(response.headers.get('Content-Type') ?? '')) return succeeded(response.body);
  await response.body?.cancel();
  return failed(notFromOrion(response, 'The response is not an event stream'));
}

/** Returns an NDJSON response with only the headers that a server can pass on: the body is no longer compressed. The signal aborts the body, too. */
export const readNdjson = (signal: AbortSignal | undefined): ReadValue<Response> => async (response, request) => {
  const type = response.headers.get('Content-Type') ?? '';
  if (response.body === null || !/^application\/x-ndjson *(;|$)/i.test(type)) {
    await response.body?.cancel();
    return failed(notFromOrion(response, 'The response is not NDJSON'));
  }

  signal?.addEventListener('abort', () => request.abort(), { once: true });
  const disposition = response.headers.get('Content-Disposition');
  return succeeded(new Response(response.body, {
    headers: { 'Content-Type': type, 'Cache-Control': 'no-store', ...(disposition === null ? {} : { 'Content-Disposition': disposition }) },
  }));
};

const notFromOrion = ({ status }: Response, what: string): Problem =>
  ({ error: 'unexpected_answer', status, detail: `${what}: check the address of Orion.` });

/** Returns the seconds to wait after a failed attempt: exponential backoff with jitter. */
export const backoff = (attempt: number, longestSeconds: number) => Math.min(0.25 * 2 ** (attempt - 1) * (0.5 + Math.random() / 2), longestSeconds);

const aborted = () => clientProblem('aborted', 'The call was aborted.');

/** Returns false if the signal aborts the wait. */
export function pause(seconds: number, signal?: AbortSignal): Promise<boolean> {
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
