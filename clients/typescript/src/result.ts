/** The result of a call: a value or a problem. Calls throw only for programming errors. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

/** A problem. Use `error` in program logic. */
export type Problem = ServiceProblem | ClientProblem;

/** The error codes of Orion. They are stable; messages are not. */
export const serviceErrors = [
  'validation_failed', 'malformed_json', 'unknown_member', 'invalid_cursor',
  'missing_token', 'invalid_token',
  'not_authorized', 'user_mismatch', 'insufficient_scope', 'origin_not_allowed', 'https_required',
  'session_not_found', 'message_not_found', 'reply_not_found', 'not_found',
  'method_not_allowed', 'request_timeout',
  'session_archived', 'conflict', 'reply_in_progress', 'nothing_to_answer', 'precondition_failed',
  'payload_too_large', 'unsupported_media_type', 'idempotency_mismatch', 'rate_limited', 'too_many_replies',
  'no_model', 'internal_error', 'unavailable',
] as const;

export type ServiceError = (typeof serviceErrors)[number];

/**
 * The error codes of the client itself.
 * - `network_error`: there was no response. A rejected origin has the same effect in a browser, because the page cannot read the response.
 * - `timed_out`: there was no response in time.
 * - `aborted`: the caller's signal aborted the call.
 * - `unexpected_answer`: the response is not from Orion, but from a proxy, for example, or it has a code that this client does not know.
 * - `invalid_id`: an id is not a UUID; the client sent nothing.
 */
export type ClientError = 'network_error' | 'timed_out' | 'aborted' | 'unexpected_answer' | 'invalid_id';

/** An error response of Orion (RFC 9457). */
export interface ServiceProblem {
  readonly error: ServiceError;
  /** The HTTP status. */
  readonly status: number;
  readonly title: string;
  /** A message for users. */
  readonly detail: string;
  /** The path of the request. */
  readonly instance: string;
  /** Identifies the request in the log. */
  readonly requestId: string;
  /** The messages for each invalid member. */
  readonly errors?: Readonly<Record<string, readonly string[]>>;
  /** The running reply of the session, for `reply_in_progress`. */
  readonly replyId?: string;
  /** The time to wait before a retry, if a retry makes sense. */
  readonly retryAfterSeconds?: number;
}

export interface ClientProblem {
  readonly error: ClientError;
  /** The HTTP status; 0 if there was no response. */
  readonly status: number;
  readonly detail: string;
  readonly requestId?: string;
  readonly retryAfterSeconds?: number;
}

export const succeeded = <T>(value: T): Result<T> => ({ ok: true, value });

export const failed = (problem: Problem): Result<never> => ({ ok: false, problem });

export const clientProblem = (error: ClientError, detail: string): ClientProblem => ({ error, status: 0, detail });

const known: ReadonlySet<unknown> = new Set<ServiceError>(serviceErrors);

/** Reads the body of an error response. Returns `unexpected_answer` if it is not an error response of Orion. */
export function readProblem(status: number, headers: Headers, text: string): Problem {
  const body = parseObject(text);
  // A page's server can pass on a problem of this client as JSON, without the header.
  const passedOn = body?.['retryAfterSeconds'];
  const retryAfter = retryAfterSeconds(headers) ?? (typeof passedOn === 'number' && passedOn >= 0 ? passedOn : undefined);
  if (
    body !== undefined && known.has(body['error']) && body['status'] === status
    && typeof body['title'] === 'string' && typeof body['detail'] === 'string'
    && typeof body['instance'] === 'string' && typeof body['requestId'] === 'string'
  ) {
    return {
      error: body['error'] as ServiceError,
      status,
      title: body['title'],
      detail: body['detail'],
      instance: body['instance'],
      requestId: body['requestId'],
      ...(isErrors(body['errors']) ? { errors: body['errors'] } : {}),
      ...(typeof body['replyId'] === 'string' ? { replyId: body['replyId'] } : {}),
      ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }),
    };
  }

  // The page's server itself had no response from Orion.
  const error = body?.['error'];
  if ((error === 'network_error' || error === 'timed_out') && body?.['status'] === 0 && typeof body['detail'] === 'string') {
    return { error, status: 0, detail: body['detail'] };
  }

  const requestId = headers.get('X-Request-Id');
  return {
    error: 'unexpected_answer',
    status,
    detail: typeof body?.['detail'] === 'string' ? body['detail'] : `The response had status ${status} and was not from Orion.`,
    ...(requestId === null ? {} : { requestId }),
    ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }),
  };
}

export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** `Retry-After` in seconds. A proxy can send a date (RFC 9110, section 10.2.3). */
function retryAfterSeconds(headers: Headers): number | undefined {
  const value = headers.get('Retry-After');
  if (value === null) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1000));
}

function isErrors(value: unknown): value is Record<string, string[]> {
  return typeof value === 'object' && value !== null
    && Object.values(value).every(texts => Array.isArray(texts) && texts.every(text => typeof text === 'string'));
}
