import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  newIdempotencyKey, OrionClient, readProblem, sequenceOf, splitSnippet, unwrap,
  type Problem, type Result, type Session, type ServiceError,
} from '../src/index.js';
import { FakeOrion, message, errorResponse, session, sessionId } from './fake-orion.js';

const client = (orion: FakeOrion, more: object = {}) => new OrionClient({ baseUrl: orion.url, token: () => 'user-token', ...more });

function problemOf(result: Result<unknown>): Problem {
  assert.ok(!result.ok, 'It went well.');
  return result.problem;
}

test('A session is created with the token, a key and the body', async () => {
  await using orion = await FakeOrion.start({ status: 201, body: session });

  const result = await client(orion).createSession({ title: 'A' });

  assert.deepEqual(result, { ok: true, value: session });
  const [seen] = orion.seen;
  assert.equal(`${seen?.method} ${seen?.url}`, 'POST /api/sessions');
  assert.equal(seen?.headers.authorization, 'Bearer user-token');
  assert.equal(seen?.headers['content-type'], 'application/json');
  assert.match(String(seen?.headers['idempotency-key']), /^[0-9a-f]{32}$/);
  assert.equal(seen?.body, '{"title":"A"}');
});

test('Every call uses its route', async () => {
  const ok = { status: 200, body: {} };
  await using orion = await FakeOrion.start(
    ok, ok, ok, ok, { status: 201, body: session }, { status: 204 }, ok, ok, ok, ok, ok, ok, { status: 204 },
  );
  const api = client(orion);

  await api.listSessions({ limit: 2, sortBy: 'createdAt', archived: 'any' });
  await api.getSession(sessionId);
  await api.changeSession(sessionId, { title: 'B' }, { ifVersion: 3 });
  await api.changeSession(sessionId, { expiresAt: null });
  assert.deepEqual(await api.forkSession(sessionId, { throughSequence: 2 }, { idempotencyKey: 'fork' }), { ok: true, value: session });
  assert.deepEqual(await api.deleteSession(sessionId, { ifVersion: 4 }), { ok: true, value: undefined });
  await api.listMessages(sessionId, { order: 'desc', cursor: 'a b' });
  await api.getMessage(sessionId, message.id);
  await api.appendMessage(sessionId, { role: 'user', content: 'C' }, { idempotencyKey: 'mine' });
  await api.search({ q: '"a b" c', sessionId: '1', limit: 5 });
  await api.getMe();
  await api.mintSessionToken(sessionId, { expiresInSeconds: 60 });
  await api.revokeTokens();

  assert.deepEqual(orion.seen.map(seen => [seen.method, seen.url, seen.body, seen.headers['if-match'] ?? seen.headers['idempotency-key'] ?? '']), [
    ['GET', '/api/sessions?limit=2&sortBy=createdAt&archived=any', '', ''],
    ['GET', `/api/sessions/${sessionId}`, '', ''],
    ['PATCH', `/api/sessions/${sessionId}`, '{"title":"B"}', '"3"'],
    ['PATCH', `/api/sessions/${sessionId}`, '{"expiresAt":null}', ''],
    ['POST', `/api/sessions/${sessionId}/forks`, '{"throughSequence":2}', 'fork'],
    ['DELETE', `/api/sessions/${sessionId}`, '', '"4"'],
    ['GET', `/api/sessions/${sessionId}/messages?order=desc&cursor=a+b`, '', ''],
    ['GET', `/api/sessions/${sessionId}/messages/${message.id}`, '', ''],
    ['POST', `/api/sessions/${sessionId}/messages`, '{"role":"user","content":"C"}', 'mine'],
    ['GET', '/api/search?q=%22a+b%22+c&sessionId=1&limit=5', '', ''],
    ['GET', '/api/me', '', ''],
    ['POST', '/api/tokens', `{"sessionId":"${sessionId}","expiresInSeconds":60}`, ''],
    ['POST', '/api/tokens/revoke', '', ''],
  ]);
});

const created = { status: 201, body: session };
const appended = { status: 201, body: message };
const asked = (orion: FakeOrion) => orion.seen.map(({ method, url, headers, body }) =>
  [`${method} ${url.replace(`/api/sessions/${sessionId}`, '')}`, body, ...(headers['idempotency-key'] ? [headers['idempotency-key']] : [])].filter(Boolean).join(' '));

test('A message is edited in a fork that ends before it, and message 1 in a new session with the same end', async () => {
  const expiresAt = '2026-01-03T03:04:05.000000Z';
  const begun = { status: 201, body: { ...session, messageCount: 1 } };
  await using orion = await FakeOrion.start(created, appended, { status: 200, body: { ...session, expiresAt } }, begun);
  const api = client(orion);

  const third = await api.editMessage(sessionId, { sequence: 3, content: 'C', title: 'T' }, { idempotencyKey: 'k' });
  const first = await api.editMessage(sessionId, { sequence: 1, content: 'A' }, { idempotencyKey: 'k' });

  assert.deepEqual([third, first], [{ ok: true, value: { sessionId } }, { ok: true, value: { sessionId } }]);
  assert.deepEqual(asked(orion), [
    'POST /forks {"throughSequence":2,"title":"T"} k', 'POST /messages {"role":"user","content":"C"} k',
    'GET ', `POST /api/sessions {"firstMessage":"A","expiresAt":"${expiresAt}"} k`,
  ]);
});

test('An edit with an invalid text deletes its session unless it has changed, and one that can be repeated keeps it', async () => {
  const rejected = [created, errorResponse(400, 'validation_failed'), errorResponse(412, 'precondition_failed')];
  await using orion = await FakeOrion.start(...rejected, { status: 200, body: session }, ...rejected, created, errorResponse(429, 'rate_limited'));
  const api = client(orion);

  assert.equal(problemOf(await api.editMessage(sessionId, { sequence: 3, content: '' })).error, 'validation_failed');
  // Orion ignores a blank first message.
  assert.equal(problemOf(await api.editMessage(sessionId, { sequence: 1, content: '' })).error, 'validation_failed');
  assert.equal(problemOf(await api.editMessage(sessionId, { sequence: 3, content: 'C' })).error, 'rate_limited');

  assert.deepEqual(orion.seen.map(({ method, headers }) => `${method} ${headers['if-match'] ?? ''}`.trim()), [
    'POST', 'POST', 'DELETE "1"', 'GET', 'POST', 'POST', 'DELETE "1"', 'POST', 'POST',
  ]);
});

test('A message that the page has sent is found by its text, also if there are several', async () => {
  const stored = (sequence: number, content: string) => ({ ...message, id: `${sequence}`, role: 'user' as const, sequence, content });
  const newest = [stored(7, 'Yes'), stored(5, 'Yes'), stored(3, 'Yes'), stored(1, 'No')];
  const page = { status: 200, body: { messages: newest, count: 4, nextCursor: 'older' } };
  await using orion = await FakeOrion.start(page, page);
  const api = client(orion);
  const sent = ['a', 'b', 'c'].map(id => ({ id, role: 'user' as const, content: 'Yes' }));
  const messages = [stored(1, 'No'), ...sent, { id: 'd', role: 'assistant' as const, content: 'Yes' }];

  assert.deepEqual(await sequenceOf(api, sessionId, messages, '1'), { ok: true, value: 1 });
  assert.deepEqual(await sequenceOf(api, sessionId, messages, 'b'), { ok: true, value: 5 });
  // The rejected one is not the older one with the same text.
  assert.equal(problemOf(await sequenceOf(api, sessionId, [stored(5, 'Yes'), ...sent], 'a')).error, 'unexpected_answer');

  assert.deepEqual(orion.seen.map(({ url }) => url.split('?')[1]), Array(2).fill('limit=100&order=desc'));
});

const ndjson = { 'Content-Type': 'application/x-ndjson', 'Content-Disposition': 'attachment; filename="orion-2026-01-02.ndjson"', 'X-Other': 'x' };

test('An export is streamed with the headers of a download', async () => {
  await using orion = await FakeOrion.start({ stream: ['{"type":"export"}\n', '{"type":"end"}\n'], then: 'end', headers: ndjson });

  const response = unwrap(await client(orion).exportSessions());

  assert.equal(orion.seen[0]?.headers.accept, 'application/x-ndjson, application/problem+json');
  assert.deepEqual(Object.fromEntries(response.headers), {
    'cache-control': 'no-store', 'content-disposition': ndjson['Content-Disposition'], 'content-type': 'application/x-ndjson',
  });
  assert.equal(await response.text(), '{"type":"export"}\n{"type":"end"}\n');
});

test('An export that breaks, is aborted or is cancelled is an error of its body, and closes the connection', async () => {
  const stream = ['{"type":"export"}\n'];
  await using orion = await FakeOrion.start(
    { stream, then: 'cut', headers: ndjson }, ...Array(3).fill({ stream, then: 'silence', headers: ndjson }));
  const leaving = new AbortController();

  const broken = unwrap(await client(orion).exportSessions());
  await assert.rejects(broken.text());
  const aborted = unwrap(await client(orion).exportSessions({ signal: leaving.signal }));
  const read = aborted.text();
  leaving.abort();
  await assert.rejects(read, { name: 'AbortError' });
  await unwrap(await client(orion).exportSessions()).body?.cancel();
  const unread = new AbortController();
  unwrap(await client(orion).exportSessions({ signal: unread.signal }));
  unread.abort();

  await orion.isIdle();
});

test('An export is a problem if Orion rejects it, or the response is not an export; it is not retried', async () => {
  const rejections = [errorResponse(429, 'rate_limited', { 'Retry-After': '1' }), errorResponse(503, 'unavailable', { 'Retry-After': '0' })];
  await using orion = await FakeOrion.start(...rejections, { status: 200, body: {} });

  const errors = [];
  for (let i = 0; i < 3; i++) errors.push(problemOf(await client(orion).exportSessions()).error);

  assert.deepEqual(errors, ['rate_limited', 'unavailable', 'unexpected_answer']);
});

test('A snippet is split at its highlights, whose positions are code points', () => {
  const parts = (snippet: string, ...highlights: [number, number][]) =>
    splitSnippet({ snippet, highlights: highlights.map(([start, length]) => ({ start, length })) }).map(({ text, isMatch }) => (isMatch ? `[${text}]` : text));

  assert.deepEqual(parts('👋🏽 Grüße 👩‍🚀 Grüße', [3, 5], [13, 5]), ['👋🏽 ', '[Grüße]', ' 👩‍🚀 ', '[Grüße]']);
  assert.deepEqual(parts('日本語', [0, 2], [2, 1]), ['[日本]', '[語]']);
  assert.deepEqual(parts('none'), ['none']);
  assert.deepEqual(parts(''), []);
});

test('An error response is a value with its code, messages and request id', async () => {
  await using orion = await FakeOrion.start(errorResponse(400, 'validation_failed', {}, { errors: { title: ['Too long.'] } }));

  const problem = problemOf(await client(orion).createSession({ title: '' }));

  assert.equal(problem.error, 'validation_failed');
  if (problem.error !== 'validation_failed') return;
  // The code narrows the type.
  const code: ServiceError = problem.error;
  assert.deepEqual(problem, {
    error: code, status: 400, title: 'Refused', detail: 'No.', instance: '/api/sessions', requestId: 'r1', errors: { title: ['Too long.'] },
  });
});

test('An error response that is not from Orion is unexpected_answer', async () => {
  await using orion = await FakeOrion.start(
    { status: 404, body: '<html>' },
    errorResponse(418, 'of_the_future'),
    { status: 200, body: '<html>' },
    { status: 400, body: { error: 'validation_failed' } });
  const api = client(orion);

  for (const status of [404, 418, 200, 400]) {
    const problem = problemOf(await api.getMe());
    assert.equal(problem.error, 'unexpected_answer');
    assert.equal(problem.status, status);
  }
});

test('A problem that the page’s server passes on as JSON keeps its code and its time to wait', () => {
  const limited: Problem = {
    error: 'rate_limited', status: 429, title: 'Too many requests', detail: 'Wait.', instance: '/api/sessions', requestId: 'r1', retryAfterSeconds: 840,
  };
  assert.deepEqual(readProblem(429, new Headers(), JSON.stringify(limited)), limited);
  assert.equal(readProblem(429, new Headers({ 'Retry-After': '2' }), JSON.stringify(limited)).retryAfterSeconds, 2);

  const unreachable: Problem = { error: 'network_error', status: 0, detail: 'There was no response.' };
  assert.deepEqual(readProblem(503, new Headers(), JSON.stringify(unreachable)), unreachable);
});

test('An id that is not a UUID is not sent', async () => {
  await using orion = await FakeOrion.start();
  const api = client(orion);

  for (const id of ['', '..', 'a/b', `${sessionId}?x`, `${sessionId}/messages`]) {
    assert.equal(problemOf(await api.deleteSession(id)).error, 'invalid_id');
    assert.equal(problemOf(await api.getMessage(sessionId, id)).error, 'invalid_id');
  }

  assert.equal(orion.seen.length, 0);
});

test('A write is retried with its key and the same bytes after a lost response, 503 or 409', async () => {
  await using orion = await FakeOrion.start(
    'cut', errorResponse(503, 'unavailable', { 'Retry-After': '0' }), errorResponse(409, 'conflict', { 'Retry-After': '0' }), { status: 201, body: message });

  const result = await client(orion).appendMessage(sessionId, { role: 'user', content: 'Hello' });

  assert.ok(result.ok);
  assert.equal(orion.seen.length, 4);
  assert.equal(new Set(orion.seen.map(seen => seen.headers['idempotency-key'])).size, 1);
  assert.equal(new Set(orion.seen.map(seen => seen.body)).size, 1);
});

test('Each write has its own key', async () => {
  await using orion = await FakeOrion.start({ status: 201, body: session }, { status: 201, body: session });
  await client(orion).createSession();
  await client(orion).createSession();

  assert.notEqual(orion.seen[0]?.headers['idempotency-key'], orion.seen[1]?.headers['idempotency-key']);
  assert.notEqual(newIdempotencyKey(), newIdempotencyKey());
});

test('Retries are limited', async () => {
  await using orion = await FakeOrion.start('cut', 'cut', 'cut', 'cut', 'cut', 'cut');

  const problem = problemOf(await client(orion, { retry: { attempts: 3, longestWaitSeconds: 0.01 } }).createSession());

  assert.equal(problem.error, 'network_error');
  assert.equal(problem.status, 0);
  assert.equal(orion.seen.length, 3);
});

test('A change or deletion is not retried after a lost response', async () => {
  await using orion = await FakeOrion.start('cut', 'cut', errorResponse(503, 'unavailable', { 'Retry-After': '0' }));
  const api = client(orion);

  assert.equal(problemOf(await api.deleteSession(sessionId)).error, 'network_error');
  assert.equal(problemOf(await api.changeSession(sessionId, { title: 'B' })).error, 'network_error');
  assert.equal(problemOf(await api.deleteSession(sessionId)).error, 'unavailable');
  assert.equal(orion.seen.length, 3);
});

test('Other errors are not retried', async () => {
  const errors: [number, string][] = [
    [400, 'validation_failed'], [403, 'not_authorized'], [404, 'session_not_found'], [409, 'session_archived'], [412, 'precondition_failed'],
    [422, 'idempotency_mismatch'], [500, 'internal_error'],
  ];
  await using orion = await FakeOrion.start(...errors.map(([status, error]) => errorResponse(status, error)));
  const api = client(orion);

  for (const [, error] of errors) assert.equal(problemOf(await api.createSession()).error, error);

  assert.equal(orion.seen.length, errors.length);
});

test('The client waits for Retry-After', async () => {
  await using orion = await FakeOrion.start(errorResponse(503, 'unavailable', { 'Retry-After': '1' }), { status: 200, body: session });
  const before = performance.now();

  assert.ok((await client(orion).getSession(sessionId)).ok);

  assert.ok(performance.now() - before >= 990);
});

test('The client does not wait for a long Retry-After', async () => {
  await using orion = await FakeOrion.start(errorResponse(429, 'rate_limited', { 'Retry-After': '640' }), errorResponse(503, 'unavailable', { 'Retry-After': '30' }));
  const api = client(orion);

  for (const [error, seconds] of [['rate_limited', 640], ['unavailable', 30]] as const) {
    const problem = problemOf(await api.getSession(sessionId));
    assert.equal(problem.error, error);
    assert.equal(problem.retryAfterSeconds, seconds);
  }

  assert.equal(orion.seen.length, 2);
});

test('The client waits for a short 429, also for changes and deletions', async () => {
  await using orion = await FakeOrion.start(errorResponse(429, 'rate_limited', { 'Retry-After': '1' }), { status: 204 });

  assert.ok((await client(orion).deleteSession(sessionId)).ok);

  assert.equal(orion.seen.length, 2);
});

test('A signal aborts a call in progress', async () => {
  await using orion = await FakeOrion.start('silence');
  const controller = new AbortController();
  const call = client(orion).getSession(sessionId, { signal: controller.signal });
  setTimeout(() => controller.abort(), 100);

  assert.equal(problemOf(await call).error, 'aborted');
});

test('A signal aborts a wait between two attempts', async () => {
  await using orion = await FakeOrion.start(errorResponse(503, 'unavailable', { 'Retry-After': '4' }));
  const controller = new AbortController();
  const before = performance.now();
  const call = client(orion).getSession(sessionId, { signal: controller.signal });
  setTimeout(() => controller.abort(), 200);

  assert.equal(problemOf(await call).error, 'aborted');
  assert.ok(performance.now() - before < 3000);
  assert.equal(orion.seen.length, 1);
});

test('A signal that is already aborted sends nothing', async () => {
  await using orion = await FakeOrion.start();

  assert.equal(problemOf(await client(orion).getMe({ signal: AbortSignal.abort() })).error, 'aborted');
  assert.equal(orion.seen.length, 0);
});

test('A call to a server that does not respond times out and is retried', async () => {
  await using orion = await FakeOrion.start('silence', { status: 200, body: session });

  assert.ok((await client(orion, { retry: { timeoutSeconds: 0.3 } }).getSession(sessionId)).ok);
  assert.equal(orion.seen.length, 2);
});

test('A redirect is not followed, so that only Orion receives the token', async () => {
  await using elsewhere = await FakeOrion.start({ status: 200, body: session });
  await using orion = await FakeOrion.start({ status: 307, headers: { Location: `${elsewhere.url}/api/me` } });

  assert.equal(problemOf(await client(orion, { retry: { attempts: 1 } }).getMe()).error, 'network_error');
  assert.equal(elsewhere.seen.length, 0);
});

test('The address consists of an origin and an optional path', async () => {
  for (const baseUrl of ['orion.example.com', 'ftp://orion.example.com', 'https://orion.example.com?x=1', 'https://me:pw@orion.example.com']) {
    assert.throws(() => new OrionClient({ baseUrl, token: () => '' }), TypeError);
  }

  await using orion = await FakeOrion.start({ status: 200, body: session });
  const result: Result<Session> = await new OrionClient({ baseUrl: `${orion.url}/behind/`, token: async () => 't' }).getSession(sessionId);
  assert.ok(result.ok);
  assert.equal(orion.seen[0]?.url, `/behind/api/sessions/${sessionId}`);
});

test('All items of a list are read page by page, as they are needed', async () => {
  const sessions = (cursor?: string) => ({ status: 200, body: { sessions: [session], count: 1, ...(cursor ? { nextCursor: cursor } : {}) } });
  const messages = (cursor?: string) => ({ status: 200, body: { messages: [message], count: 1, ...(cursor ? { nextCursor: cursor } : {}) } });
  await using orion = await FakeOrion.start(
    sessions('next'), sessions(), messages('next'), messages('last'), errorResponse(404, 'session_not_found'));
  const api = client(orion);

  let listed = 0;
  for await (const { title } of api.listAllSessions({ archived: 'any' })) listed += title === session.title ? 1 : 0;
  assert.equal(listed, 2);
  let read = 0;
  await assert.rejects(async () => {
    for await (const { id } of api.listAllMessages(sessionId, { limit: 1 })) read += id === message.id ? 1 : 0;
  }, { name: 'OrionError', message: 'This chat does not exist.' });

  assert.equal(read, 2);
  assert.deepEqual(orion.seen.map(({ url }) => url.split('?')[1]), [
    'limit=200&archived=any', 'limit=200&archived=any&cursor=next', 'limit=1', 'limit=1&cursor=next', 'limit=1&cursor=last',
  ]);
});
