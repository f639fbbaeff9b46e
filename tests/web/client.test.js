// Tests the client with the service.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectReply, OrionClient, sequenceOf, SessionTokens, splitSnippet, unwrap } from 'orion-client';
import { orion } from './support/orion.js';
import { startOrion } from './support/processes.js';

const { api } = orion;

async function refusalOf(call) {
  const result = await call;
  assert.ok(!result.ok, 'It went well.');
  return result.problem;
}

test('A session is created, found, renamed, written to, read and deleted', async () => {
  const created = await unwrap(api.createSession({ firstMessage: 'Good morning', metadata: { from: 'test' } }));
  assert.equal(created.title, 'Good morning');
  assert.deepEqual(created.metadata, { from: 'test' });
  const { sessionId } = created;
  assert.ok((await unwrap(api.listSessions({ limit: 200, sortBy: 'createdAt' }))).sessions.some(session => session.sessionId === sessionId));

  const renamed = await unwrap(api.changeSession(sessionId, { title: 'Evening' }, { ifVersion: created.version }));
  assert.equal(renamed.title, 'Evening');
  assert.equal((await refusalOf(api.changeSession(sessionId, { title: 'Night' }, { ifVersion: created.version }))).error, 'precondition_failed');

  const message = await unwrap(api.appendMessage(sessionId, { role: 'assistant', content: 'Grüße 👋\n"quoted"' }));
  assert.equal(message.sequence, 2);
  assert.deepEqual(await unwrap(api.getMessage(sessionId, message.id)), message);
  const first = await unwrap(api.listMessages(sessionId, { limit: 1, order: 'asc' }));
  const second = await unwrap(api.listMessages(sessionId, { limit: 1, order: 'asc', cursor: first.nextCursor }));
  assert.deepEqual([first, second].flatMap(page => page.messages.map(({ content }) => content)), ['Good morning', message.content]);

  await unwrap(api.deleteSession(sessionId));
  const gone = await refusalOf(api.getSession(sessionId));
  assert.equal(gone.error, 'session_not_found');
  assert.equal(gone.status, 404);
});

test('A write whose response was lost is retried and executed once', async () => {
  const { sessionId } = await unwrap(api.createSession());
  const replayed = [];
  let lost = 0;
  const forgetful = orion.clientOf(undefined, {
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      if (lost++ === 0) throw new TypeError('The connection was closed after the response.');
      replayed.push(response.headers.get('Idempotency-Replayed'));
      return response;
    },
  });

  const message = await unwrap(forgetful.appendMessage(sessionId, { role: 'user', content: 'Once' }));

  assert.deepEqual(replayed, ['true']);
  assert.equal(message.sequence, 1);
  assert.equal((await unwrap(api.getSession(sessionId))).messageCount, 1);
});

test('A session is created only once', async () => {
  let lost = 0;
  const forgetful = orion.clientOf(undefined, {
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      if (lost++ === 0) throw new TypeError('The connection was closed after the response.');
      return response;
    },
  });

  const { sessionId, title } = await unwrap(forgetful.createSession({ title: 'Created once' }));

  const all = await unwrap(api.listSessions({ limit: 200 }));
  assert.deepEqual(all.sessions.filter(session => session.title === title).map(session => session.sessionId), [sessionId]);
});

test('A key that is reused with different content is rejected', async () => {
  const { sessionId } = await unwrap(api.createSession());
  await unwrap(api.appendMessage(sessionId, { role: 'user', content: 'A' }, { idempotencyKey: 'the-key' }));

  const problem = await refusalOf(api.appendMessage(sessionId, { role: 'user', content: 'B' }, { idempotencyKey: 'the-key' }));

  assert.equal(problem.error, 'idempotency_mismatch');
});

test('Validation errors are reported for each member', async () => {
  const problem = await refusalOf(api.createSession({ title: 'x'.repeat(201) }));

  assert.equal(problem.error, 'validation_failed');
  assert.deepEqual(Object.keys(problem.errors), ['title']);
  assert.ok(problem.requestId.length > 0);
});

test('Other users are rejected', async () => {
  const stranger = await refusalOf(orion.clientOf('stranger@example.com').getMe());
  const forged = await refusalOf(new OrionClient({ baseUrl: orion.url, token: () => 'forged' }).getMe());

  assert.deepEqual([stranger.status, stranger.error], [403, 'not_authorized']);
  assert.deepEqual([forged.status, forged.error], [401, 'invalid_token']);
});

test('A session token grants access only to its session', async () => {
  const { sessionId } = await unwrap(api.createSession({ firstMessage: 'Mine' }));
  const other = await unwrap(api.createSession());
  const page = new OrionClient({ baseUrl: orion.url, token: new SessionTokens(() => api.mintSessionToken(sessionId)) });

  await unwrap(page.getSession(sessionId));
  await unwrap(page.appendMessage(sessionId, { role: 'user', content: 'And this' }));
  assert.equal((await unwrap(page.listMessages(sessionId))).count, 2);
  assert.equal((await refusalOf(page.listSessions())).error, 'insufficient_scope');
  assert.equal((await refusalOf(page.deleteSession(sessionId))).error, 'insufficient_scope');
  assert.equal((await refusalOf(page.mintSessionToken(sessionId))).error, 'insufficient_scope');
  assert.equal((await refusalOf(page.getSession(other.sessionId))).error, 'session_not_found');
});

test('An expired session token is renewed', async () => {
  const { sessionId } = await unwrap(api.createSession());
  let minted = 0;
  const tokens = new SessionTokens(() => {
    minted++;
    return api.mintSessionToken(sessionId, { expiresInSeconds: 1 });
  });
  const page = new OrionClient({ baseUrl: orion.url, token: tokens });

  await unwrap(page.getSession(sessionId));
  await new Promise(resolve => setTimeout(resolve, 2100));
  await unwrap(page.getSession(sessionId));

  assert.equal(minted, 2);
});

test('A revoked session token is renewed once, and the write succeeds', async () => {
  const { sessionId } = await unwrap(api.createSession());
  const page = new OrionClient({ baseUrl: orion.url, token: new SessionTokens(() => api.mintSessionToken(sessionId)) });
  await unwrap(page.getSession(sessionId));

  await unwrap(api.revokeTokens());

  assert.equal((await unwrap(page.appendMessage(sessionId, { role: 'user', content: 'Still here' }))).sequence, 1);
});

test('A reply is streamed with a session token, and continued each time that its connection breaks', async () => {
  const { sessionId } = await unwrap(api.createSession());
  const sent = [];
  const page = new OrionClient({
    baseUrl: orion.url,
    token: new SessionTokens(() => api.mintSessionToken(sessionId)),
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      sent.push(`${init.method} ${init.headers['Last-Event-ID'] ?? ''}`);
      let left = 400;
      const cut = new TransformStream({
        transform: (chunk, controller) => {
          controller.enqueue(chunk.subarray(0, left));
          left -= chunk.length;
          if (left <= 0) controller.terminate();
        },
      });
      return new Response(response.body.pipeThrough(cut), response);
    },
  });

  const reply = await unwrap(collectReply(page.reply(sessionId, { content: 'Count' })));

  assert.equal(reply.finishReason, 'stop');
  assert.equal(reply.text, Array.from({ length: 20 }, (_, i) => `${i + 1} `).join(''));
  assert.ok(sent.length > 3, sent.join());
  assert.equal(sent[0], 'POST ');
  assert.ok(sent.slice(1).every(request => /^GET \d+$/.test(request)), sent.join());
  const { messages } = await unwrap(api.listMessages(sessionId));
  assert.deepEqual(messages.map(({ role, content }) => [role, content]), [['user', 'Count'], ['assistant', reply.text]]);
  assert.equal(messages[1].id, reply.messageId);
});

test('A running reply is resumed and stopped', async () => {
  const { sessionId } = await unwrap(api.createSession());
  const reading = new AbortController();
  const left = collectReply(api.reply(sessionId, { content: 'Forever', signal: reading.signal }), reply => reply.text && reading.abort());
  assert.equal((await refusalOf(left)).error, 'aborted');

  let stopping;
  const frames = await unwrap(api.resume(sessionId));
  const reply = await unwrap(collectReply(frames, ({ replyId, text }) => {
    if (text.includes('5 ')) stopping ??= api.stop(sessionId, replyId);
  }));

  const stopped = await unwrap(stopping);
  assert.deepEqual([reply.finishReason, stopped.status, stopped.text], ['stopped', 'stopped', reply.text]);
  assert.deepEqual(await unwrap(api.getReply(sessionId, reply.replyId)), stopped);
  assert.equal(await unwrap(api.resume(sessionId)), null);
});

test('A second reply of a session is rejected with the id of the running one', async () => {
  const { sessionId } = await unwrap(api.createSession());
  for await (const frame of api.reply(sessionId, { content: 'Forever' })) {
    if (frame.type !== 'start') break;
  }

  const problem = await refusalOf(collectReply(api.reply(sessionId, { content: 'And this' })));

  assert.equal(problem.error, 'reply_in_progress');
  assert.equal((await unwrap(api.stop(sessionId, problem.replyId))).status, 'stopped');
});

test('Messages and titles are found page by page, and the matches of a snippet are marked', async () => {
  const { sessionId } = await unwrap(api.createSession({ title: 'Nebulae', firstMessage: '👩‍🚀 “Nébula”: a 🌫️ of dust' }));
  await unwrap(api.appendMessage(sessionId, { role: 'assistant', content: 'A nebula glows.' }));
  const page = new OrionClient({ baseUrl: orion.url, token: new SessionTokens(() => api.mintSessionToken(sessionId)) });

  const first = await unwrap(api.search({ q: 'nebula', limit: 1 }));
  const all = [];
  for await (const result of api.searchAll({ q: 'nebula', limit: 1 })) all.push(result);
  const [title] = (await unwrap(api.search({ q: 'nebulae', sessionId }))).results;

  assert.deepEqual([first.count, typeof first.nextCursor], [1, 'string']);
  assert.deepEqual(all.map(({ message }) => message?.sequence ?? 'title').sort(), [1, 2, 'title']);
  assert.deepEqual([title.session.sessionId, title.message, title.snippet], [sessionId, undefined, 'Nebulae']);
  assert.deepEqual(splitSnippet(all.find(({ message }) => message?.sequence === 1)), [
    { text: '👩‍🚀 “', isMatch: false }, { text: 'Nébula', isMatch: true }, { text: '”: a 🌫️ of dust', isMatch: false },
  ]);
  assert.equal((await refusalOf(page.search({ q: 'nebula' }))).error, 'insufficient_scope');
  assert.deepEqual(Object.keys((await refusalOf(api.search({ q: ' ' }))).errors), ['q']);
});

test('The sessions and messages are exported as a stream with a file name', async () => {
  const { sessionId } = await unwrap(api.createSession({ firstMessage: 'To be exported 👋' }));

  const response = await unwrap(api.exportSessions());
  const lines = (await response.text()).trimEnd().split('\n').map(line => JSON.parse(line));

  assert.match(response.headers.get('Content-Disposition'), /^attachment; filename="orion-\d{4}-\d\d-\d\d\.ndjson"$/);
  assert.deepEqual([lines[0].type, lines.at(-1).type], ['export', 'end']);
  assert.ok(lines.some(line => line.sessionId === sessionId && line.content === 'To be exported 👋'));
});

test('A message is edited in one new session, however often the edit is sent, and the original stays', async () => {
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const { sessionId } = await unwrap(api.createSession({ title: 'Original', firstMessage: 'A', expiresAt }));
  for (const [role, content] of [['assistant', 'B'], ['user', 'C'], ['assistant', 'D']]) await unwrap(api.appendMessage(sessionId, { role, content }));
  const { value: sequence } = await sequenceOf(api, sessionId, [{ id: 'of-the-page', role: 'user', content: 'C' }], 'of-the-page');
  const sessions = async () => (await unwrap(api.listSessions({ limit: 200 }))).sessions.map(session => session.sessionId).sort();
  const before = await sessions();

  const edit = () => unwrap(api.editMessage(sessionId, { sequence, content: 'X' }, { idempotencyKey: 'edit-of-c' }));
  const [fork, again] = await Promise.all([edit(), edit()]);
  const first = await unwrap(api.editMessage(sessionId, { sequence: 1, content: 'Y' }));
  const tooLong = { sequence, content: 'x'.repeat(100_001) };
  const invalid = await refusalOf(api.editMessage(sessionId, tooLong));
  const other = await refusalOf(api.editMessage(sessionId, tooLong, { idempotencyKey: 'edit-of-c' }));
  const missing = await refusalOf(api.editMessage(sessionId, { sequence: 9, content: 'Z' }));

  assert.deepEqual([sequence, again, invalid.error, other.error, missing.error], [3, fork, ...Array(3).fill('validation_failed')]);
  assert.deepEqual(await sessions(), [...before, fork.sessionId, first.sessionId].sort());
  const contents = async id => (await unwrap(api.listMessages(id))).messages.map(({ content }) => content).join();
  assert.deepEqual([await contents(sessionId), await contents(fork.sessionId), await contents(first.sessionId)], ['A,B,C,D', 'A,B,X', 'Y']);
  const [forked, renewed] = [await unwrap(api.getSession(fork.sessionId)), await unwrap(api.getSession(first.sessionId))];
  assert.deepEqual([forked.title, forked.metadata], ['Original', { forkedFrom: { sessionId, sequence: 2 } }]);
  assert.deepEqual([renewed.title, renewed.expiresAt, forked.expiresAt].map(value => value.slice(0, 19)), ['Y', ...Array(2).fill(expiresAt.slice(0, 19))]);
});

test('The models are listed', async () => {
  assert.deepEqual(await unwrap(api.models()), { models: [{ name: 'stand-in' }], count: 1 });
});

test('An exhausted rate limit is returned with its waiting time', async () => {
  const strict = await startOrion({ RATE_LIMIT_MAX_REQUESTS: '2' });
  try {
    // It counts as ten requests, and as none if there are fewer.
    const exported = await refusalOf(strict.api.exportSessions());
    assert.deepEqual([exported.error, exported.retryAfterSeconds > 0], ['rate_limited', true]);
    await unwrap(strict.api.getMe());
    await unwrap(strict.api.getMe());
    const problem = await refusalOf(strict.api.getMe());

    assert.deepEqual([problem.status, problem.error], [429, 'rate_limited']);
    assert.ok(problem.retryAfterSeconds > 800 && problem.retryAfterSeconds <= 900);
  } finally {
    await strict.end();
  }
});

test('The client waits for a rate limit that ends soon', async () => {
  const strict = await startOrion({ RATE_LIMIT_MAX_REQUESTS: '1', RATE_LIMIT_WINDOW_SECONDS: '2' });
  try {
    await unwrap(strict.api.getMe());
    await unwrap(strict.api.getMe());
  } finally {
    await strict.end();
  }
});
