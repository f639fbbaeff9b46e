import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatListStore, type ChatListOptions, type ChatListState } from '../src/chat-list-store.js';
import { OrionClient, type Session, type SessionPage } from '../src/index.js';
import { errorResponse, FakeOrion, session, type Step } from './fake-orion.js';

const ids = ['a', 'b', 'c'].map((_, i) => `01890a5d-ac96-774b-bcce-b302099a805${i}`);
const [a, b, c] = ids.map((sessionId, i): Session => ({ ...session, sessionId, title: String(i) })) as [Session, Session, Session];
const page = (sessions: Session[], nextCursor?: string): SessionPage => ({ sessions, count: sessions.length, ...(nextCursor ? { nextCursor } : {}) });
const listed = (...args: Parameters<typeof page>): Step => ({ status: 200, body: page(...args) });

const list = (orion: FakeOrion, options: ChatListOptions = {}) =>
  new ChatListStore(new OrionClient({ baseUrl: orion.url, token: () => 'token', retry: { attempts: 1 } }), options);

const titles = ({ sessions }: ChatListState) => sessions.map(({ title }) => title).join();
const asked = (orion: FakeOrion) => orion.seen.map(({ method, url, body }) => `${method} ${url.replace('/api/sessions', '')} ${body}`.trim());

test('The list is read page by page, without duplicates', async () => {
  await using orion = await FakeOrion.start(listed([a, b], 'next'), listed([b, c]), listed([c, a, b]));
  const store = list(orion, { query: { sortBy: 'createdAt', limit: 2 } });
  assert.equal(store.state.isLoading, true);

  await store.refresh();
  assert.deepEqual([titles(store.state), store.state.hasMore, store.state.isLoading], ['0,1', true, false]);
  await store.loadMore();
  assert.deepEqual([titles(store.state), store.state.hasMore], ['0,1,2', false]);
  await store.loadMore();
  await store.refresh();

  assert.equal(titles(store.state), '2,0,1');
  assert.deepEqual(asked(orion), ['GET ?sortBy=createdAt&limit=2', 'GET ?limit=2&sortBy=createdAt&cursor=next', 'GET ?sortBy=createdAt&limit=3']);
});

test('A chat is renamed, kept, archived, restored and deleted', async () => {
  await using orion = await FakeOrion.start(
    { status: 200, body: { ...a, title: 'New' } }, { status: 200, body: { ...a, title: 'Kept' } }, { status: 200, body: { ...b, archivedAt: b.updatedAt } }, { status: 204 }, errorResponse(404, 'session_not_found'));
  const store = list(orion, { initialPage: page([a, b, c]) });

  assert.equal(await store.rename(a.sessionId, 'New'), true);
  assert.equal(titles(store.state), 'New,1,2');
  assert.equal(await store.keep(a.sessionId), true);
  assert.equal(await store.archive(b.sessionId), true);
  assert.equal(titles(store.state), 'Kept,2');
  assert.equal(await store.remove(c.sessionId), true);
  assert.equal(await store.remove(a.sessionId), true);

  assert.equal(titles(store.state), '');
  assert.deepEqual(asked(orion), [
    `PATCH /${a.sessionId} {"title":"New"}`, `PATCH /${a.sessionId} {"expiresAt":null}`, `PATCH /${b.sessionId} {"archived":true}`, `DELETE /${c.sessionId}`, `DELETE /${a.sessionId}`,
  ]);
});

test('A list of archived chats loses a chat that is restored, and a list of all chats keeps it', async () => {
  await using orion = await FakeOrion.start({ status: 200, body: a }, { status: 200, body: a });
  const archived = list(orion, { initialPage: page([a]), query: { archived: 'true' } });
  const all = list(orion, { initialPage: page([a]), query: { archived: 'any' } });

  await archived.archive(a.sessionId, false);
  await all.archive(a.sessionId);

  assert.deepEqual([titles(archived.state), titles(all.state)], ['', '0']);
});

test('A problem is reported, and the list stays', async () => {
  await using orion = await FakeOrion.start(errorResponse(503, 'unavailable'), errorResponse(503, 'unavailable'));
  const store = list(orion, { initialPage: page([a]) });

  assert.equal(await store.rename(a.sessionId, 'New'), false);
  assert.deepEqual([titles(store.state), store.state.problem?.error], ['0', 'unavailable']);
  await store.refresh();
  assert.deepEqual([store.state.isLoading, store.state.problem?.error], [false, 'unavailable']);

  store.api = { ...store.api, listSessions: () => Promise.reject(new Error('A server action that failed.')) };
  await store.refresh();
  assert.equal(store.state.problem?.error, 'network_error');
});

test('A page that was requested before a refresh is discarded', async () => {
  await using orion = await FakeOrion.start();
  const store = list(orion, { initialPage: page([a], 'next') });
  let respond: (page: SessionPage) => void = () => {};
  store.api = {
    ...store.api,
    listSessions: query => (query.cursor
      ? new Promise(resolve => (respond = value => resolve({ ok: true, value })))
      : Promise.resolve({ ok: true, value: page([c]) })),
  };

  const more = store.loadMore();
  await store.refresh();
  respond(page([b]));
  await more;

  assert.equal(titles(store.state), '2');
});
