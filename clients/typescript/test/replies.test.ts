import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  collectReply, OrionClient, ReplyStreamError, SessionTokens, type CollectedReply, type Problem, type ReplyFrame, type ReplyFrames, type Result,
} from '../src/index.js';
import {
  complete, done, errorResponse, events, FakeOrion, frames, message, ping, reply, replyId, sessionId, token, type Step,
} from './fake-orion.js';

const fast = { longestWaitSeconds: 0.01 };

const client = (orion: FakeOrion, retry: object = fast) => new OrionClient({ baseUrl: orion.url, token: () => 'user-token', retry });

async function all(stream: ReplyFrames): Promise<ReplyFrame[]> {
  const read: ReplyFrame[] = [];
  for await (const frame of stream) read.push(frame);
  return read;
}

async function problemOf(call: Promise<unknown>): Promise<Problem> {
  const error: unknown = await call.then(() => undefined, (thrown: unknown) => thrown);
  assert.ok(error instanceof ReplyStreamError, `It threw ${String(error)}.`);
  return error.problem;
}

function valueOf<T>(result: Result<T>): T {
  assert.ok(result.ok, 'It failed.');
  return result.value;
}

const routes = (orion: FakeOrion) => orion.seen.map(({ method, url, headers }) => `${method} ${url} ${headers['last-event-id'] ?? ''}`.trim());
const stream = `/api/sessions/${sessionId}/replies/${replyId}`;
const post = `POST /api/sessions/${sessionId}/replies`;

test('A reply is requested with the content, a key and the type of the stream, and its frames are returned', async () => {
  await using orion = await FakeOrion.start(complete);

  assert.deepEqual(await all(client(orion).reply(sessionId, { content: 'Hello', model: 'demo', metadata: { a: 1 }, idempotencyKey: 'mine' })), frames);

  const [seen] = orion.seen;
  assert.equal(`${seen?.method} ${seen?.url}`, post);
  assert.equal(seen?.headers.accept, 'text/event-stream');
  assert.equal(seen?.headers['idempotency-key'], 'mine');
  assert.equal(seen?.body, '{"content":"Hello","model":"demo","metadata":{"a":1}}');
});

test('Without content, the request has an empty body object and a new key', async () => {
  await using orion = await FakeOrion.start(complete, complete);

  await all(client(orion).reply(sessionId));
  await all(client(orion).reply(sessionId));

  assert.deepEqual(orion.seen.map(({ body }) => body), ['{}', '{}']);
  assert.match(String(orion.seen[0]?.headers['idempotency-key']), /^[0-9a-f]{32}$/);
  assert.notEqual(orion.seen[0]?.headers['idempotency-key'], orion.seen[1]?.headers['idempotency-key']);
});

test('A stream that arrives byte by byte, with comments and with each line break, is the same', async () => {
  for (const lineBreak of ['\n', '\r\n', '\r']) {
    const text = [ping, ...events().flatMap(event => [event, ping]), done].join('').replaceAll('\n', lineBreak);
    const bytes = [...Buffer.from(text)].map(byte => Uint8Array.of(byte));
    await using orion = await FakeOrion.start({ stream: bytes, then: 'end' });

    assert.deepEqual(await all(client(orion).reply(sessionId)), frames);
  }
});

test('A stream that breaks after any frame continues behind it', async () => {
  for (let n = 1; n < frames.length; n++) {
    for (const then of ['cut', 'end'] as const) {
      // The last event is incomplete.
      await using orion = await FakeOrion.start(
        { stream: [...events(1, n), events(n + 1)[0]?.slice(0, -1) ?? ''], then }, { stream: [...events(n + 1), done], then: 'end' });

      assert.deepEqual(await all(client(orion).reply(sessionId)), frames);
      assert.deepEqual(routes(orion), [post, `GET ${stream} ${n}`]);
    }
  }
});

test('A stream that breaks before the first frame is requested again with its key and the same bytes', async () => {
  await using orion = await FakeOrion.start('cut', { stream: [ping], then: 'cut' }, errorResponse(503, 'unavailable', { 'Retry-After': '0' }), complete);
  const metadata = { count: 1 };
  const read: ReplyFrame[] = [];
  for await (const frame of client(orion).reply(sessionId, { content: 'Hello', metadata })) {
    metadata.count++;
    read.push(frame);
  }

  assert.deepEqual(read, frames);
  assert.deepEqual(routes(orion), [post, post, post, post]);
  assert.equal(new Set(orion.seen.map(seen => seen.headers['idempotency-key'])).size, 1);
  assert.equal(new Set(orion.seen.map(seen => seen.body)).size, 1);
});

test('A connection that is silent for too long counts as broken', async () => {
  await using orion = await FakeOrion.start({ stream: events(1, 4), then: 'silence' }, { stream: [...events(5), done], then: 'end' });

  assert.deepEqual(await all(client(orion, { ...fast, silenceSeconds: 0.2 }).reply(sessionId)), frames);
});

test('A connection that breaks after the last frame is the end', async () => {
  await using orion = await FakeOrion.start({ stream: events(), then: 'cut' });

  assert.deepEqual(await all(client(orion).reply(sessionId)), frames);
  assert.equal(orion.seen.length, 1);
});

test('A connection that breaks again and again is an error, after a limited number of attempts', async () => {
  const cut: Step = { stream: [], then: 'cut' };
  await using orion = await FakeOrion.start({ stream: events(1, 5), then: 'cut' }, cut, cut, cut, cut);

  const problem = await problemOf(all(client(orion, { ...fast, reconnectAttempts: 3 }).reply(sessionId)));

  assert.equal(problem.error, 'network_error');
  assert.equal(orion.seen.length, 3);
});

test('A server that cannot be reached again is an error, after a limited number of attempts', async () => {
  await using orion = await FakeOrion.start({ stream: events(1, 5), then: 'cut' }, 'cut', 'cut', 'cut', 'cut');

  const problem = await problemOf(all(client(orion, { ...fast, reconnectAttempts: 3 }).reply(sessionId)));

  assert.equal(problem.error, 'network_error');
  assert.equal(orion.seen.length, 4);
});

test('An error response is final, at the beginning and after a broken connection', async () => {
  for (const [status, error] of [
    [400, 'validation_failed'], [403, 'not_authorized'], [404, 'session_not_found'], [409, 'session_archived'], [409, 'nothing_to_answer'],
    [429, 'too_many_replies'], [501, 'no_model'],
  ] as const) {
    await using orion = await FakeOrion.start(errorResponse(status, error), { stream: events(1, 3), then: 'cut' }, errorResponse(status, error));

    assert.equal((await problemOf(all(client(orion).reply(sessionId)))).error, error);
    assert.equal((await problemOf(all(client(orion).reply(sessionId)))).error, error);
    assert.equal(orion.seen.length, 3);
  }
});

test('A second reply of a session is rejected with the id of the running one', async () => {
  await using orion = await FakeOrion.start(errorResponse(409, 'reply_in_progress', {}, { replyId }));

  const problem = await problemOf(all(client(orion).reply(sessionId, { content: 'Hello' })));

  assert.ok(problem.error === 'reply_in_progress');
  assert.equal(problem.replyId, replyId);
});

test('A response that is not from Orion is unexpected_answer', async () => {
  await using orion = await FakeOrion.start({ status: 200, body: '<html>' }, { stream: ['data: <html>\n\n'], then: 'end' });

  assert.equal((await problemOf(all(client(orion).reply(sessionId)))).error, 'unexpected_answer');
  assert.equal((await problemOf(all(client(orion).reply(sessionId)))).error, 'unexpected_answer');
});

test('A frame of an unknown type is skipped', async () => {
  await using orion = await FakeOrion.start({ stream: ['id: 1\ndata: {"type":"of-the-future"}\n\n', ...events(), done], then: 'end' });

  assert.deepEqual(await all(client(orion).reply(sessionId)), frames);
});

test('An id that is not a UUID is not sent', async () => {
  await using orion = await FakeOrion.start();
  const api = client(orion);

  assert.equal((await problemOf(all(api.reply('..')))).error, 'invalid_id');
  for (const call of [api.resume('..'), api.stop(sessionId, '..'), api.getReply('..', replyId)]) {
    const result = await call;
    assert.ok(!result.ok && result.problem.error === 'invalid_id');
  }

  assert.equal(orion.seen.length, 0);
});

test('If the frames are gone, the stream begins again', async () => {
  await using orion = await FakeOrion.start({ stream: events(1, 6), then: 'cut' }, errorResponse(400, 'invalid_cursor'), complete);

  const read = await all(client(orion).reply(sessionId));

  assert.deepEqual(read, [...frames.slice(0, 6), ...frames]);
  assert.deepEqual(routes(orion), [post, `GET ${stream} 6`, `GET ${stream}`]);
});

test('A token that was rejected while the stream was broken is renewed once', async () => {
  await using orion = await FakeOrion.start(
    { stream: events(1, 3), then: 'cut' }, errorResponse(401, 'invalid_token'), { stream: [...events(4), done], then: 'end' },
    { stream: events(1, 3), then: 'cut' }, errorResponse(401, 'invalid_token'), errorResponse(401, 'invalid_token'));
  let minted = 0;
  const tokens = new SessionTokens(async () => ({ ok: true, value: token(`token-${++minted}`) }));
  const api = new OrionClient({ baseUrl: orion.url, token: tokens, retry: fast });

  assert.deepEqual(await all(api.reply(sessionId)), frames);
  assert.equal((await problemOf(all(api.reply(sessionId)))).error, 'invalid_token');

  assert.deepEqual(orion.seen.map(({ headers }) => headers.authorization?.replace('Bearer token-', '')), ['1', '1', '2', '2', '2', '3']);
});

test('A signal ends the reading, but does not stop the reply', async () => {
  await using orion = await FakeOrion.start({ stream: events(1, 5), then: 'silence' });
  const controller = new AbortController();
  const read: ReplyFrame[] = [];

  const problem = await problemOf((async () => {
    for await (const frame of client(orion).reply(sessionId, { signal: controller.signal })) {
      read.push(frame);
      if (read.length === 5) setTimeout(() => controller.abort(), 50);
    }
  })());

  assert.equal(problem.error, 'aborted');
  assert.equal(read.length, 5);
  assert.equal(orion.seen.length, 1);
});

test('Leaving the iteration closes the connection', async () => {
  await using orion = await FakeOrion.start({ stream: events(1, 5), then: 'silence' });

  for await (const frame of client(orion).reply(sessionId)) {
    if (frame.type === 'text-start') break;
  }

  await orion.isIdle();
});

test('The running reply of a session is resumed from its beginning', async () => {
  await using orion = await FakeOrion.start({ stream: events(1, 4), then: 'cut' }, { stream: [...events(5), done], then: 'end' });

  const running = valueOf(await client(orion).resume(sessionId));

  assert.ok(running !== null);
  assert.deepEqual(await all(running), frames);
  assert.deepEqual(routes(orion), [`GET /api/sessions/${sessionId}/stream`, `GET ${stream} 4`]);
});

test('Nothing is resumed if no reply is running', async () => {
  await using orion = await FakeOrion.start({ status: 204 }, errorResponse(404, 'session_not_found'), { stream: [ping], then: 'cut' }, { status: 204 });
  const api = client(orion);

  assert.equal(valueOf(await api.resume(sessionId)), null);
  const gone = await api.resume(sessionId);
  assert.ok(!gone.ok && gone.problem.error === 'session_not_found');

  // It ends before its first frame comes.
  const running = valueOf(await api.resume(sessionId));
  assert.ok(running !== null);
  assert.deepEqual(await all(running), []);
});

test('stop, getReply and models use their routes', async () => {
  const models = { models: [{ name: 'demo' }], count: 1 };
  await using orion = await FakeOrion.start('cut', { status: 200, body: reply }, { status: 200, body: reply }, { status: 200, body: models });
  const api = client(orion);

  assert.deepEqual(valueOf(await api.stop(sessionId, replyId)), reply);
  assert.deepEqual(valueOf(await api.getReply(sessionId, replyId)), reply);
  assert.deepEqual(valueOf(await api.models()), models);

  assert.deepEqual(routes(orion), [`POST ${stream}/stop`, `POST ${stream}/stop`, `GET ${stream}`, 'GET /api/models']);
});

test('A collected reply has its text, its reasoning and its end, and reports each change', async () => {
  await using orion = await FakeOrion.start(complete);
  const texts: string[] = [];

  const collected = valueOf(await collectReply(client(orion).reply(sessionId), ({ text }) => texts.push(text)));

  assert.deepEqual(collected, {
    replyId, messageId: message.id, model: 'demo', text: 'Grüße 👋\n\ndata: [DONE]\n日本語', reasoning: 'Überlegen …', finishReason: 'stop',
  } satisfies CollectedReply);
  assert.equal(texts.length, frames.length);
  assert.equal(texts.at(-1), collected.text);
});

test('A collected reply begins again at a second start, and reports errors and aborts', async () => {
  const [start] = frames;
  async function* of(...some: (ReplyFrame | undefined)[]): ReplyFrames {
    for (const frame of some) if (frame !== undefined) yield frame;
  }

  const again = valueOf(await collectReply(of(...frames.slice(0, 7), ...frames)));
  assert.equal(again.text, 'Grüße 👋\n\ndata: [DONE]\n日本語');
  const errored = valueOf(await collectReply(of(start, { type: 'error', errorText: 'The model is busy.' })));
  assert.deepEqual([errored.finishReason, errored.errorText], ['error', 'The model is busy.']);
  assert.equal(valueOf(await collectReply(of(start, { type: 'abort', reason: 'interrupted' }))).finishReason, 'interrupted');
});

test('A collected reply that cannot be read is a problem', async () => {
  await using orion = await FakeOrion.start(errorResponse(409, 'session_archived'));

  const collected = await collectReply(client(orion).reply(sessionId));

  assert.ok(!collected.ok && collected.problem.error === 'session_archived');
});
