import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrionClient } from '../src/index.js';
import { OrionChatTransport, problemOf, toText, toUIMessages, type ChatTransportOptions, type OrionUIMessage } from '../src/ai.js';
import { complete, done, errorResponse, events, FakeOrion, frames, message, reply, replyId, sessionId, type Step } from './fake-orion.js';

const transportOf = (orion: FakeOrion, more: Partial<ChatTransportOptions> = {}) =>
  new OrionChatTransport({ client: new OrionClient({ baseUrl: orion.url, token: () => 'token', retry: { attempts: 1 } }), ...more });

const question: OrionUIMessage = { id: 'question-1', role: 'user', parts: [{ type: 'text', text: 'Hel' }, { type: 'text', text: 'lo' }] };

type Options = Parameters<OrionChatTransport['sendMessages']>[0];
const sending = (more: Partial<Options> = {}): Options =>
  ({ chatId: sessionId, trigger: 'submit-message', messageId: undefined, messages: [question], abortSignal: undefined, ...more });

async function all(stream: ReadableStream<unknown>): Promise<unknown[]> {
  const chunks: unknown[] = [];
  for await (const chunk of stream as unknown as AsyncIterable<unknown>) chunks.push(chunk);
  return chunks;
}

async function problemFrom(call: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await call.then(() => undefined, (thrown: unknown) => thrown);
  return problemOf(error)?.error;
}

const asked = (orion: FakeOrion) => orion.seen.map(({ method, url, body }) => `${method} ${url} ${body}`.trim());
const post = `POST /api/sessions/${sessionId}/replies`;
const stopCall = `POST /api/sessions/${sessionId}/replies/${replyId}/stop`;
const running: Step = { stream: events(1, 6), then: 'silence' };
const stopped: Step = { status: 200, body: reply };

async function reaches(what: () => boolean): Promise<void> {
  for (const until = Date.now() + 5000; !what(); await new Promise(resolve => setTimeout(resolve, 10))) {
    if (Date.now() > until) assert.fail('It did not happen.');
  }
}

test('The last message is sent with its id as the key, and the frames are the chunks', async () => {
  await using orion = await FakeOrion.start(complete);

  const chunks = await all(await transportOf(orion).sendMessages(sending({ body: { model: 'demo', metadata: { a: 1 }, other: 1 } })));

  assert.deepEqual(chunks, frames);
  assert.deepEqual(asked(orion), [`${post} {"model":"demo","content":"Hello","metadata":{"a":1}}`]);
  assert.equal(orion.seen[0]?.headers['idempotency-key'], 'question-1');
});

test('regenerate sends no content, with a new key', async () => {
  await using orion = await FakeOrion.start(complete);

  await all(await transportOf(orion).sendMessages(sending({ trigger: 'regenerate-message' })));

  assert.deepEqual(asked(orion), [`${post} {}`]);
  assert.notEqual(orion.seen[0]?.headers['idempotency-key'], 'question-1');
});

test('regenerate sends a message that Orion did not accept, with its key', async () => {
  await using orion = await FakeOrion.start(errorResponse(429, 'rate_limited', { 'Retry-After': '60' }), complete, complete);
  const transport = transportOf(orion);

  assert.equal(await problemFrom(transport.sendMessages(sending())), 'rate_limited');
  await all(await transport.sendMessages(sending({ trigger: 'regenerate-message' })));
  await all(await transport.sendMessages(sending({ trigger: 'regenerate-message' })));

  assert.deepEqual(asked(orion), [`${post} {"content":"Hello"}`, `${post} {"content":"Hello"}`, `${post} {}`]);
  assert.deepEqual(orion.seen.slice(0, 2).map(({ headers }) => headers['idempotency-key']), ['question-1', 'question-1']);
});

test('A file is rejected before anything is sent', async () => {
  await using orion = await FakeOrion.start();
  const file: OrionUIMessage = { ...question, parts: [{ type: 'file', mediaType: 'image/png', url: 'data:,' }] };

  await assert.rejects(transportOf(orion).sendMessages(sending({ messages: [file] })), TypeError);

  assert.equal(orion.seen.length, 0);
});

test('A running reply is resumed; without one, the result is null', async () => {
  await using orion = await FakeOrion.start(complete, { status: 204 }, errorResponse(404, 'session_not_found'));
  const transport = transportOf(orion);

  const stream = await transport.reconnectToStream({ chatId: sessionId });
  assert.deepEqual(stream && (await all(stream)), frames);
  assert.equal(await transport.reconnectToStream({ chatId: sessionId }), null);
  assert.equal(await problemFrom(transport.reconnectToStream({ chatId: sessionId })), 'session_not_found');
});

test('With autoReply, a chat that ends with a message of the user gets a reply, with a key of the message', async () => {
  const page = (role: string): Step => ({ status: 200, body: { messages: [{ ...message, role }], count: 1 } });
  await using orion = await FakeOrion.start({ status: 204 }, page('user'), complete, { status: 204 }, page('assistant'));
  const transport = transportOf(orion, { autoReply: true });

  const stream = await transport.reconnectToStream({ chatId: sessionId });
  assert.deepEqual(stream && (await all(stream)), frames);
  assert.equal(await transport.reconnectToStream({ chatId: sessionId }), null);

  assert.equal(asked(orion)[2], `${post} {}`);
  assert.equal(orion.seen[2]?.headers['idempotency-key'], `reply-to-${message.id}`);
});

test('Aborting the signal stops the reply, and the next message waits for that', async () => {
  await using orion = await FakeOrion.start(running, stopped, complete);
  const transport = transportOf(orion);
  const controller = new AbortController();
  await transport.sendMessages(sending({ abortSignal: controller.signal }));

  controller.abort();
  await all(await transport.sendMessages(sending({ messages: [question, { ...question, id: 'question-2' }] })));

  assert.deepEqual(orion.seen.map(({ method, url }) => `${method} ${url}`), [post, stopCall, post]);
});

test('A frame that comes between the abort and the stop does not prevent the stop', async () => {
  let arrive = () => {};
  const arrived = new Promise<void>(resolve => (arrive = resolve));
  let stops = 0;
  const client = {
    async *reply() {
      yield frames[0];
      await arrived;
      yield frames[1];
    },
    stop: () => Promise.resolve({ ok: true, value: (stops++, reply) }),
  } as unknown as OrionClient;
  const controller = new AbortController();
  const stream = await new OrionChatTransport({ client }).sendMessages(sending({ abortSignal: controller.signal }));
  const reader = stream.getReader();
  await reader.read();

  // As the chat does.
  controller.abort();
  void reader.cancel();
  arrive();

  await reaches(() => stops === 1);
});

test('A reply that is aborted before its first frame is stopped when it comes', async () => {
  await using orion = await FakeOrion.start({ stream: [...events(1, 1)], then: 'silence' }, stopped);
  const transport = transportOf(orion);
  const controller = new AbortController();

  const sent = transport.sendMessages(sending({ abortSignal: controller.signal }));
  controller.abort();

  await assert.rejects(sent, { name: 'AbortError' });
  await reaches(() => orion.seen.some(({ url }) => url.endsWith('/stop')));
  await orion.isIdle();
});

test('With stopOnAbort: false, the connection is closed, and the reply goes on', async () => {
  await using orion = await FakeOrion.start(running);
  const controller = new AbortController();
  await transportOf(orion, { stopOnAbort: false }).sendMessages(sending({ abortSignal: controller.signal }));

  controller.abort();

  await orion.isIdle();
  assert.equal(orion.seen.length, 1);
});

test('A request to resume that replaces another one stops nothing', async () => {
  await using orion = await FakeOrion.start(running, complete);
  const transport = transportOf(orion);
  const first = new AbortController();
  await transport.reconnectToStream({ chatId: sessionId, abortSignal: first.signal });

  first.abort();
  const second = await transport.reconnectToStream({ chatId: sessionId });

  assert.deepEqual(second && (await all(second)), frames);
  assert.ok(orion.seen.every(({ method }) => method === 'GET'));
});

test('stop stops the reply that is streamed, and its frames end the stream', async () => {
  await using orion = await FakeOrion.start(running, errorResponse(503, 'unavailable'), stopped);
  const transport = transportOf(orion);
  assert.deepEqual(await transport.stop(sessionId), { ok: true, value: undefined });
  await transport.sendMessages(sending());

  assert.equal((await transport.stop(sessionId)).ok, false);
  assert.deepEqual(await transport.stop(sessionId), { ok: true, value: undefined });

  assert.deepEqual(orion.seen.map(({ method, url }) => `${method} ${url}`), [post, stopCall, stopCall]);
});

test('A reply that begins again is an error, because the chat would show its text twice', async () => {
  await using orion = await FakeOrion.start(
    { stream: events(1, 6), then: 'cut' }, errorResponse(400, 'invalid_cursor'), { stream: [...events(), done], then: 'end' });

  assert.equal(await problemFrom(transportOf(orion).sendMessages(sending()).then(all)), 'network_error');
});

test('A function creates the client of each session once', async () => {
  await using orion = await FakeOrion.start(complete, complete);
  const created: string[] = [];
  const transport = transportOf(orion, {
    client: id => {
      created.push(id);
      return new OrionClient({ baseUrl: orion.url, token: () => 'token' });
    },
  });

  await all(await transport.sendMessages(sending()));
  await all(await transport.sendMessages(sending()));

  assert.deepEqual(created, [sessionId]);
});

test('Stored messages are converted, oldest first', () => {
  const stored = { ...message, role: 'user' as const };
  const newer = { ...stored, id: 'b', sequence: 2, role: 'assistant' as const, content: 'Hi', metadata: { model: 'demo', finishReason: 'stop' } };

  const converted = toUIMessages([newer, stored]);

  assert.deepEqual(converted.map(toText), ['Hello', 'Hi']);
  assert.deepEqual(converted[1], {
    id: 'b', role: 'assistant', metadata: { model: 'demo', finishReason: 'stop', sequence: 2 }, parts: [{ type: 'text', text: 'Hi', state: 'done' }],
  });
});
