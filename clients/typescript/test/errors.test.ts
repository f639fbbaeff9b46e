import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageOf, OrionError, serviceErrors, unwrap, type ClientError, type Problem } from '../src/index.js';

const problem = (error: Problem['error'], more: object = {}): Problem =>
  ({ error, status: 400, title: 'T', detail: 'The detail.', instance: '/', requestId: 'r1', ...more } as Problem);

test('unwrap returns the value, or throws the problem', async () => {
  assert.equal(unwrap({ ok: true, value: 1 }), 1);
  assert.equal(await unwrap(Promise.resolve({ ok: true as const, value: 2 })), 2);

  const failed = { ok: false as const, problem: problem('session_not_found') };
  assert.throws(() => unwrap(failed), { name: 'OrionError', problem: failed.problem, message: messageOf(failed.problem) });
  await assert.rejects(unwrap(Promise.resolve(failed)), OrionError);
});

test('Every problem has a text', () => {
  const own: ClientError[] = ['network_error', 'timed_out', 'aborted', 'unexpected_answer', 'invalid_id'];
  for (const error of [...serviceErrors, ...own]) assert.match(messageOf(problem(error)), /^[A-Z].*[.)]$/);
});

test('The text contains the waiting time, the messages of the members, or the id of the request', () => {
  assert.equal(messageOf(problem('rate_limited', { retryAfterSeconds: 30 })), 'Too many requests. Try again in 30 s.');
  assert.equal(messageOf(problem('rate_limited', { retryAfterSeconds: 601 })), 'Too many requests. Try again in 11 minutes.');
  assert.equal(messageOf(problem('validation_failed', { errors: { title: ['Too long.'], limit: ['Too large.'] } })), 'Too long. Too large.');
  assert.equal(messageOf(problem('validation_failed')), 'The detail.');
  assert.equal(messageOf(problem('internal_error')), 'The detail. (internal_error, r1)');
});
