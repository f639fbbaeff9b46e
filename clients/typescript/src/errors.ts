import type { Problem, Result } from './result.js';

/** An error with a problem, from functions that throw instead of returning a {@link Result}. Its message is a text for users. */
export class OrionError extends Error {
  override readonly name: string = 'OrionError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(messageOf(problem));
    this.problem = problem;
  }
}

/** Returns the value of a result; throws {@link OrionError} if it is a problem. */
export function unwrap<T>(result: Result<T>): T;
export function unwrap<T>(result: Promise<Result<T>>): Promise<T>;
export function unwrap<T>(result: Result<T> | Promise<Result<T>>): T | Promise<T> {
  if (result instanceof Promise) return result.then(settled => unwrap(settled));
  if (!result.ok) throw new OrionError(result.problem);
  return result.value;
}

/** Returns a text that explains a problem to users, and what they can do. */
export function messageOf(problem: Problem): string {
  switch (problem.error) {
    case 'rate_limited':
      return `Too many requests. Try again in ${duration(problem.retryAfterSeconds ?? 60)}.`;
    case 'unavailable':
      return 'Orion is unavailable. Try again in a moment; nothing is written twice.';
    case 'network_error':
    case 'timed_out':
      return `${problem.detail} Try again; nothing is written twice.`;
    case 'missing_token':
      return 'You are signed out. Sign in again.';
    case 'invalid_token':
      return 'Orion does not accept the token of this page. Load the page again.';
    case 'not_authorized':
      return 'You are not on Orion’s allow-list.';
    case 'origin_not_allowed':
      return 'Orion rejects pages from this origin: it is not in ALLOWED_ORIGINS.';
    case 'session_not_found':
    case 'invalid_id':
      return 'This chat does not exist.';
    case 'session_archived':
      return 'This chat is archived and read-only.';
    case 'reply_in_progress':
      return 'A reply is still coming. Wait for its end, or stop it.';
    case 'nothing_to_answer':
      return 'There is no message to reply to.';
    case 'too_many_replies':
      return 'Too many replies are running in other chats. Wait for one to end, or stop it.';
    case 'no_model':
      return 'Orion has no model: set MODEL_URL.';
    case 'precondition_failed':
      return 'This chat has been changed elsewhere. Load it again.';
    case 'validation_failed':
      return Object.values(problem.errors ?? {}).flat().join(' ') || problem.detail;
    case 'aborted':
      return problem.detail;
    default:
      return `${problem.detail} (${problem.error}${problem.requestId ? `, ${problem.requestId}` : ''})`;
  }
}

const duration = (seconds: number) => (seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`);
