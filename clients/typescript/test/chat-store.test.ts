import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatStore, type ChatOptions, type ChatState } from '../src/chat-store.js';
import { OrionClient, type Message, type MessagePage } from '../src/index.js';
import { complete, done, errorResponse, events, FakeOrion, message, reply, replyId, sessionId, type Step } from './fake-orion.js';

const question: Message = { ...message, id: '01890a5d-ac96-774b-bcce-b302099a8061', role: 'user' };
const answer: Message = {
  ...message, id: '01890a5d-ac96-774b-bcce-b302099a8060', sequence: 2, role: 'assistant', content: 'Hi', metadata: { finishReason: 'stop' },
};
const page = (messages: Message[], nextCursor?: string): MessagePage => ({ messages, count: messages.length, ...(nextCursor ? { nextCursor } : {}) });
const none: Step = { status: 204 };
const listed = (...args: Parameters<typeof page>): Step => ({ status: 200, body: page(...args) });
const text = 'Grüße 👋\n\ndata: [DONE]\n日本語';

const chat = (orion: FakeOrion, options: Partial<ChatOptions> = {}) =>
  new ChatStore(sessionId, { client: new OrionClient({ baseUrl: orion.url, token: () => 'token', retry: { attempts: 1 } }), ...options });

const shown = ({ messages }: ChatState) => messages.map(({ content, state }) => [content, state]);
const asked = (orion: FakeOrion) => orion.seen.map(({ method, url, body }) => `${method} ${url.replace(`/api/sessions/${sessionId}`, '')} ${body}`.trim());

async function reaches(store: ChatStore, what: (state: ChatState) => boolean): Promise<void> {
  if (what(store.state)) return;
  await new Promise<void>(resolve => {
    const unsubscribe = store.subscribe(() => {
      if (!what(store.state)) return;
      unsubscribe();
      resolve();
    });
  });
}

test('A chat opens with its newest messages, oldest first, and reads earlier ones', async () => {
  await using orion = await FakeOrion.start(listed([answer], 'older'), none, listed([question]));
  const store = chat(orion, { pageSize: 1 });

  assert.equal(store.state.status, 'loading');
  await store.open();
  assert.deepEqual([store.state.status, store.state.hasEarlier, store.state.canTryAgain], ['ready', true, false]);
  await store.loadEarlier();

  assert.deepEqual(shown(store.state), [['Hello', 'stored'], ['Hi', 'stored']]);
  assert.equal(store.state.hasEarlier, false);
  assert.deepEqual(asked(orion), ['GET /messages?order=desc&limit=1', 'GET /stream', 'GET /messages?order=desc&limit=1&cursor=older']);
});

test('The page of the server saves the first request', async () => {
  await using orion = await FakeOrion.start(none, none);
  const store = chat(orion, { initialPage: page([answer, question]) });
  assert.deepEqual(shown(store.state), [['Hello', 'stored'], ['Hi', 'stored']]);

  await store.open();

  assert.equal(store.state.status, 'ready');
  assert.deepEqual(asked(orion), ['GET /stream']);
});

test('A message is sent, and its reply shown while it comes', async () => {
  await using orion = await FakeOrion.start(none, complete);
  const store = chat(orion, { initialPage: page([]) });
  const seen: string[] = [];
  let replies = 0;
  store.onReplied = () => replies++;
  await store.open();
  store.subscribe(() => seen.push(`${store.state.status} ${shown(store.state).map(([, state]) => state).join()}`));

  assert.equal(await store.send('Hello', { model: 'demo' }), true);

  assert.deepEqual([...new Set(seen)], [
    'ready sending', 'submitted sending', 'submitted stored', 'streaming stored,streaming', 'streaming stored,stored', 'ready stored,stored',
  ]);
  assert.deepEqual(shown(store.state), [['Hello', 'stored'], [text, 'stored']]);
  assert.equal(store.state.messages[1]?.reasoning, 'Überlegen …');
  assert.deepEqual(asked(orion), ['GET /stream', 'POST /replies {"model":"demo","content":"Hello"}']);
  assert.equal(replies, 1);
});

test('A message that Orion did not accept is marked, and sent again with its key', async () => {
  await using orion = await FakeOrion.start(none, errorResponse(429, 'rate_limited', { 'Retry-After': '60' }), complete);
  const store = chat(orion, { initialPage: page([]) });
  await store.open();

  assert.equal(await store.send('Hello'), false);
  assert.deepEqual(shown(store.state), [['Hello', 'failed']]);
  assert.deepEqual([store.state.problem?.error, store.state.canTryAgain], ['rate_limited', true]);
  assert.equal(await store.tryAgain(), true);

  assert.deepEqual(shown(store.state), [['Hello', 'stored'], [text, 'stored']]);
  assert.equal(store.state.problem, undefined);
  const [, first, second] = orion.seen;
  assert.equal(first?.headers['idempotency-key'], second?.headers['idempotency-key']);
  assert.equal(first?.body, second?.body);
});

test('A reply that failed without text is removed, and tried again without content', async () => {
  const failure = [events(1, 1)[0] ?? '', 'id: 2\ndata: {"type":"error","errorText":"The model is unavailable."}\n\n', done];
  await using orion = await FakeOrion.start(none, { stream: failure, then: 'end' }, complete);
  const store = chat(orion, { initialPage: page([]) });
  await store.open();

  assert.equal(await store.send('Hello'), true);
  assert.deepEqual(shown(store.state), [['Hello', 'stored']]);
  assert.deepEqual([store.state.ended, store.state.errorText, store.state.canTryAgain], ['error', 'The model is unavailable.', true]);
  await store.tryAgain();

  assert.deepEqual(asked(orion).at(-1), 'POST /replies {}');
  assert.deepEqual([store.state.ended, store.state.errorText, store.state.canTryAgain], [undefined, undefined, false]);
});

test('A running reply is continued, and stopped', async () => {
  await using orion = await FakeOrion.start(
    listed([question]), { stream: events(1, 6), then: 'silence' }, { status: 200, body: reply });
  const store = chat(orion);
  void store.open();
  await reaches(store, ({ status }) => status === 'streaming');
  assert.equal(await store.send('Another'), false);

  await store.stop();
  store.close();

  assert.deepEqual(asked(orion).at(-1), `POST /replies/${replyId}/stop`);
  await orion.isIdle();
});

test('A reply that was stopped can be tried again', async () => {
  const stopped = { ...answer, metadata: { finishReason: 'stopped' } };
  await using orion = await FakeOrion.start(listed([stopped, question]), none);
  const store = chat(orion);

  await store.open();

  assert.deepEqual([store.state.ended, store.state.canTryAgain], ['stopped', true]);
});

test('stop before the first frame stops the reply when it comes', async () => {
  await using orion = await FakeOrion.start(none, { stream: events(1, 3), then: 'silence' }, { status: 200, body: reply });
  const store = chat(orion, { initialPage: page([]) });
  await store.open();

  void store.send('Hello');
  await store.stop();
  await reaches(store, ({ status }) => status === 'streaming');
  for (const until = Date.now() + 5000; orion.seen.length < 3 && Date.now() < until;) await new Promise(resolve => setTimeout(resolve, 10));

  assert.equal(asked(orion).at(-1), `POST /replies/${replyId}/stop`);
  store.close();
});

test('With autoReply, a chat that ends with a message of the user gets its reply, with a key of the message', async () => {
  await using orion = await FakeOrion.start(listed([question]), none, complete);
  const store = chat(orion, { autoReply: true });

  await store.open();

  assert.deepEqual(shown(store.state), [['Hello', 'stored'], [text, 'stored']]);
  assert.equal(orion.seen[2]?.headers['idempotency-key'], `reply-to-${question.id}`);
});

test('A reply that ended before it could be continued is read from the list', async () => {
  await using orion = await FakeOrion.start(none, listed([answer, question]));
  const store = chat(orion, { initialPage: page([question]), autoReply: true });

  await store.open();

  assert.deepEqual(shown(store.state), [['Hello', 'stored'], ['Hi', 'stored']]);
  assert.deepEqual(asked(orion), ['GET /stream', 'GET /messages?order=desc&limit=50']);
});

test('A chat that is closed and opened again reads its messages again and shows nothing of the old connection', async () => {
  await using orion = await FakeOrion.start(listed([question]), { stream: events(1, 5), then: 'silence' }, listed([answer, question]), none);
  const store = chat(orion);
  void store.open();
  await reaches(store, ({ status }) => status === 'streaming');

  store.close();
  await store.open();

  assert.deepEqual(shown(store.state), [['Hello', 'stored'], ['Hi', 'stored']]);
  await orion.isIdle();
});

test('A chat that cannot be read reports the problem', async () => {
  await using orion = await FakeOrion.start(errorResponse(404, 'session_not_found'));
  const store = chat(orion);

  await store.open();

  assert.deepEqual([store.state.status, store.state.problem?.error], ['ready', 'session_not_found']);
});

test('A message that Orion did not accept stays when the messages are read again, unless Orion has stored it', async () => {
  await using orion = await FakeOrion.start(
    none, errorResponse(429, 'rate_limited', { 'Retry-After': '60' }), listed([answer, question]), none, complete,
    errorResponse(429, 'rate_limited', { 'Retry-After': '60' }), listed([{ ...question, content: 'More' }]), none);
  const store = chat(orion, { initialPage: page([answer, question]), autoReply: true });
  await store.open();

  await store.send('And this');
  await store.open();
  assert.deepEqual(shown(store.state), [['Hello', 'stored'], ['Hi', 'stored'], ['And this', 'failed']]);
  assert.equal(await store.tryAgain(), true);
  assert.equal(await store.send('More'), false);
  await store.open();

  assert.deepEqual(shown(store.state)[0], ['More', 'stored']);
  assert.equal(orion.seen[1]?.headers['idempotency-key'], orion.seen[4]?.headers['idempotency-key']);
});
