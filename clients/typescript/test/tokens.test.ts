import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrionClient, SessionTokens, type Result, type SessionToken } from '../src/index.js';
import { FakeOrion, message, errorResponse, session, sessionId, token } from './fake-orion.js';

const ok = { status: 200, body: session };
const obtained = (value: string, expiresIn?: number): Result<SessionToken> => ({ ok: true, value: token(value, expiresIn) });
const unavailable: Result<SessionToken> = { ok: false, problem: { error: 'network_error', status: 0, detail: 'Unavailable.' } };

/** A page's server that returns the listed results one after the other, and a clock that the test sets. */
function page(...results: (Result<SessionToken> | Promise<Result<SessionToken>>)[]) {
  const state = { now: 0, asked: 0 };
  const tokens = new SessionTokens(async () => {
    state.asked++;
    return (await results.shift()) ?? unavailable;
  }, () => state.now);
  return { state, tokens };
}

const client = (orion: FakeOrion, tokens: SessionTokens, retry = {}) => new OrionClient({ baseUrl: orion.url, token: tokens, retry });
const sent = (orion: FakeOrion) => orion.seen.map(seen => seen.headers.authorization);

test('A token is requested once and used until it must be renewed', async () => {
  await using orion = await FakeOrion.start(ok, ok, ok);
  const { state, tokens } = page(obtained('one'), obtained('two'));
  const api = client(orion, tokens);

  await api.getSession(sessionId);
  state.now = 239_000;
  await api.getSession(sessionId);
  state.now = 240_000;
  await api.getSession(sessionId);

  assert.deepEqual(sent(orion), ['Bearer one', 'Bearer one', 'Bearer two']);
  assert.equal(state.asked, 2);
});

test('Simultaneous calls share one renewal', async () => {
  await using orion = await FakeOrion.start(ok, ok, ok);
  const { state, tokens } = page(obtained('one'));
  const api = client(orion, tokens);

  await Promise.all([1, 2, 3].map(() => api.getSession(sessionId)));

  assert.equal(state.asked, 1);
});

test('While the page’s server is unavailable, the old token is used until it expires', async () => {
  await using orion = await FakeOrion.start(ok, ok);
  const { state, tokens } = page(obtained('one'), unavailable, unavailable);
  const api = client(orion, tokens, { attempts: 1 });
  await api.getSession(sessionId);

  state.now = 250_000;
  assert.ok((await api.getSession(sessionId)).ok);
  state.now = 300_000;
  const late = await api.getSession(sessionId);

  assert.ok(!late.ok && late.problem.error === 'network_error');
  assert.equal(orion.seen.length, 2);
});

test('A rejected token is renewed once and the call retried, a write with its key', async () => {
  await using orion = await FakeOrion.start(errorResponse(401, 'invalid_token'), { status: 201, body: message });
  const { tokens } = page(obtained('one'), obtained('two'));

  const result = await client(orion, tokens).appendMessage(sessionId, { role: 'user', content: 'Hello' });

  assert.ok(result.ok);
  assert.deepEqual(sent(orion), ['Bearer one', 'Bearer two']);
  assert.equal(orion.seen[0]?.headers['idempotency-key'], orion.seen[1]?.headers['idempotency-key']);
});

test('A second rejection is returned', async () => {
  await using orion = await FakeOrion.start(errorResponse(401, 'invalid_token'), errorResponse(401, 'invalid_token'), ok);
  const { tokens } = page(obtained('one'), obtained('two'), obtained('three'));

  const result = await client(orion, tokens).getSession(sessionId);

  assert.ok(!result.ok && result.problem.error === 'invalid_token');
  assert.equal(orion.seen.length, 2);
});

test('A function creates a new token after a rejection', async () => {
  await using orion = await FakeOrion.start(errorResponse(401, 'invalid_token'), ok);
  let made = 0;

  const result = await new OrionClient({ baseUrl: orion.url, token: () => `token-${++made}` }).getSession(sessionId);

  assert.ok(result.ok);
  assert.deepEqual(sent(orion), ['Bearer token-1', 'Bearer token-2']);
});

test('A rejection by the page’s server is returned, and the old token is discarded', async () => {
  await using orion = await FakeOrion.start(ok, ok);
  const signedOut: Result<SessionToken> = {
    ok: false, problem: { error: 'missing_token', status: 401, title: '', detail: 'Sign in.', instance: '', requestId: '' },
  };
  const { state, tokens } = page(obtained('one'), signedOut);
  const api = client(orion, tokens);
  await api.getSession(sessionId);

  state.now = 250_000;
  const result = await api.getSession(sessionId);

  assert.ok(!result.ok && result.problem.error === 'missing_token');
  assert.equal(orion.seen.length, 1);
});

test('An exception of the page’s server is a network_error', async () => {
  await using orion = await FakeOrion.start();
  const tokens = new SessionTokens(() => Promise.reject(new Error('secret text')));

  const result = await client(orion, tokens, { attempts: 1 }).getSession(sessionId);

  assert.ok(!result.ok && result.problem.error === 'network_error');
  assert.doesNotMatch(result.problem.detail, /secret/);
});

test('A cleared token stays cleared, also during a renewal', async () => {
  let give = (_: Result<SessionToken>) => {};
  const { state, tokens } = page(new Promise(resolve => (give = resolve)), obtained('two'));
  const first = tokens.current();
  tokens.clear();
  give(obtained('one'));

  const given = await first;
  assert.ok(!given.ok && given.problem.error === 'aborted');
  assert.deepEqual(await tokens.current(), { ok: true, value: 'two' });
  assert.equal(state.asked, 2);
});

test('A signal aborts one caller’s wait for a token, not the other’s', async () => {
  let give = (_: Result<SessionToken>) => {};
  const { tokens } = page(new Promise(resolve => (give = resolve)));
  const controller = new AbortController();
  const impatient = tokens.current(controller.signal);
  const patient = tokens.current();
  controller.abort();

  const given = await impatient;
  assert.ok(!given.ok && given.problem.error === 'aborted');
  give(obtained('one'));
  assert.deepEqual(await patient, { ok: true, value: 'one' });
});

test('A token is requested from a route of the page’s server', async () => {
  await using server = await FakeOrion.start({ status: 200, body: token('one') }, errorResponse(404, 'session_not_found'), 'cut');
  const tokens = SessionTokens.from(`${server.url}/api/chats/1/token`, { headers: { 'X-Page': '1' } });

  assert.deepEqual(await tokens.current(), { ok: true, value: 'one' });
  const results = [];
  for (let i = 0; i < 2; i++) {
    tokens.clear();
    const result = await tokens.current();
    results.push(result.ok ? result.value : result.problem.error);
  }

  assert.deepEqual(results, ['session_not_found', 'network_error']);
  const [seen] = server.seen;
  assert.deepEqual([seen?.method, seen?.url, seen?.headers['x-page']], ['POST', '/api/chats/1/token', '1']);
});
