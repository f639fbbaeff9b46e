// Tests the hooks of orion-client/react with the service.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createElement, StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { OrionClient, SessionTokens, unwrap } from 'orion-client';
import { useOrionChat, useOrionChats, useOrionSearch } from 'orion-client/react';
import { model, orion } from './support/orion.js';
import { render } from './support/react.js';
import { eventually } from './support/wait.js';

const { api } = orion;

/** A client as in a page: with session tokens. */
const client = id => new OrionClient({ baseUrl: orion.url, token: new SessionTokens(() => api.mintSessionToken(id)) });
const contents = chat => chat.messages.map(({ content }) => content);

const Chat = ({ report, id, ...options }) => {
  report(useOrionChat(id, { client, ...options }));
  return null;
};
const openChat = props => render(report => createElement(StrictMode, null, createElement(Chat, { report, ...props })));

const Chats = ({ report, ...options }) => {
  report(useOrionChats(api, options));
  return null;
};
const openChats = props => render(report => createElement(StrictMode, null, createElement(Chats, { report, ...props })));

test('A chat opens, is continued, and reads earlier messages', async () => {
  const { sessionId: id } = await unwrap(api.createSession({ firstMessage: 'Hello' }));
  await unwrap(api.appendMessage(id, { role: 'assistant', content: 'Good morning' }));
  let replies = 0;
  const page = openChat({ id, pageSize: 1, onReplied: () => replies++ });
  await eventually('it is ready', () => page.value?.status === 'ready');
  assert.deepEqual([contents(page.value), page.value.hasEarlier], [['Good morning'], true]);

  await page.value.loadEarlier();
  assert.equal(await page.value.send('Think'), true);

  await eventually('the reply is shown', () => page.value.status === 'ready');
  assert.deepEqual(contents(page.value), ['Hello', 'Good morning', 'Think', 'Done.']);
  assert.equal(page.value.messages[3].reasoning, 'First this, then that.');
  assert.equal(replies, 1);
  page.unmount();
});

test('A reply goes on when the chat is left, is continued when it is opened again, and is stopped', async () => {
  const { sessionId: id } = await unwrap(api.createSession());
  const page = openChat({ id });
  await eventually('it is ready', () => page.value?.status === 'ready');
  void page.value.send('Forever');
  await eventually('text comes', () => page.value.messages.at(-1)?.content.includes('2 '));
  page.unmount();

  const again = openChat({ id });
  await eventually('it goes on', () => again.value?.messages.at(-1)?.content.includes('9 '));
  await again.value.stop();
  await eventually('it is stopped', () => again.value.status === 'ready');

  assert.deepEqual([again.value.ended, again.value.canTryAgain], ['stopped', true]);
  assert.deepEqual(contents(again.value), (await unwrap(api.listMessages(id))).messages.map(({ content }) => content));
  again.unmount();
});

test('A chat that was created with a first message gets one reply, in strict mode too', async () => {
  const { sessionId: id } = await unwrap(api.createSession({ firstMessage: 'Hello' }));
  const initialPage = await unwrap(api.listMessages(id, { order: 'desc' }));
  const html = renderToString(createElement(() => createElement('p', null, useOrionChat(id, { client, initialPage }).messages[0].content)));
  assert.equal(html, '<p>Hello</p>');

  const page = openChat({ id, initialPage, autoReply: true });
  await eventually('the reply is shown', () => page.value?.status === 'ready' && page.value.messages.length === 2);

  assert.deepEqual(contents(page.value), ['Hello', 'You said: Hello']);
  assert.deepEqual((await unwrap(api.listMessages(id))).count, 2);
  page.unmount();
});

test('A message that was sent is edited in a new chat, which gets its reply', async () => {
  const { sessionId: id } = await unwrap(api.createSession());
  const page = openChat({ id });
  await eventually('it is ready', () => page.value?.status === 'ready');
  await page.value.send('One');
  await page.value.send('Two');
  const sent = page.value.messages[2];
  assert.equal(sent.sequence, undefined);

  const sequence = await unwrap(page.value.sequenceOf(sent.id));
  const { sessionId } = await unwrap(api.editMessage(id, { sequence, content: 'Three' }));
  const edited = openChat({ id: sessionId, autoReply: true });
  await eventually('the reply is shown', () => edited.value?.status === 'ready' && edited.value.messages.length === 4);

  assert.deepEqual(contents(edited.value), ['One', 'You said: One', 'Three', 'You said: Three']);
  assert.equal(edited.value.messages[2].sequence, 3);
  page.unmount();
  edited.unmount();
});

test('A failure of the model is shown, and tried again', async () => {
  const { sessionId: id } = await unwrap(api.createSession());
  const page = openChat({ id });
  await eventually('it is ready', () => page.value?.status === 'ready');
  model.fails = 500;
  try {
    await page.value.send('Good morning');
  } finally {
    model.fails = undefined;
  }

  await eventually('the failure is shown', () => page.value.canTryAgain);
  assert.deepEqual([page.value.ended, page.value.errorText], ['error', 'The model is unavailable. Try again later.']);
  await page.value.tryAgain();

  await eventually('the reply is shown', () => page.value.messages.length === 2 && page.value.status === 'ready');
  assert.deepEqual(contents(page.value), ['Good morning', 'You said: Good morning']);
  page.unmount();
});

test('A chat that does not exist is a problem', async () => {
  const page = openChat({ id: '01890a5d-ac96-774b-bcce-b302099a8057' });

  await eventually('it is reported', () => page.value?.problem);

  assert.equal(page.value.problem.error, 'session_not_found');
  page.unmount();
});

test('The list of chats is read page by page, renamed, archived and deleted', async () => {
  const mine = orion.clientOf();
  for await (const { sessionId } of mine.listAllSessions({ archived: 'any' })) await unwrap(mine.deleteSession(sessionId));
  for (const title of ['A', 'B', 'C']) await unwrap(mine.createSession({ title }));
  const page = openChats({ query: { limit: 2, sortBy: 'createdAt' } });
  const titles = () => page.value?.sessions.map(({ title }) => title).join();
  await eventually('the first page is shown', () => titles() === 'C,B' && page.value.hasMore && !page.value.isLoading);

  await page.value.loadMore();
  await eventually('all are shown', () => titles() === 'C,B,A');
  const [c, b, a] = page.value.sessions;
  assert.equal(await page.value.rename(c.sessionId, 'New'), true);
  assert.equal(await page.value.archive(b.sessionId), true);
  assert.equal(await page.value.remove(a.sessionId), true);
  await eventually('the changes are shown', () => titles() === 'New');
  assert.equal(await page.value.rename(c.sessionId, ''), false);

  await eventually('the problem is shown', () => page.value.problem?.error === 'validation_failed');
  await page.value.refresh();
  await eventually('the list is read', () => titles() === 'New' && page.value.problem === undefined);
  page.unmount();
});

test('A temporary chat is kept', async () => {
  const { sessionId } = await unwrap(api.createSession({ expiresAt: new Date(Date.now() + 86_400_000).toISOString() }));
  const page = openChats();
  const shown = () => page.value?.sessions.find(session => session.sessionId === sessionId);
  await eventually('it is shown', () => shown()?.expiresAt);

  assert.equal(await page.value.keep(sessionId), true);

  await eventually('the change is shown', () => shown().expiresAt === undefined);
  page.unmount();
});

test('A search follows the text, page by page', async () => {
  const { sessionId } = await unwrap(api.createSession({ firstMessage: 'A comet' }));
  await unwrap(api.appendMessage(sessionId, { role: 'assistant', content: 'Another comet' }));
  let searches = 0;
  const counting = { search: (...search) => (searches++, api.search(...search)) };
  const Search = ({ report }) => {
    report(useOrionSearch(counting, { query: { limit: 1 }, delayMilliseconds: 50 }));
    return null;
  };
  const page = render(report => createElement(StrictMode, null, createElement(Search, { report })));
  await eventually('it is rendered', () => page.value);
  const shown = () => page.value.results.map(({ snippet }) => snippet).join();

  for (const text of ['c', 'co', 'com', 'comet']) page.value.setText(text);
  await eventually('the first page is shown', () => shown() === 'Another comet' && page.value.hasMore);
  assert.equal(searches, 1);
  await page.value.loadMore();
  await eventually('all are shown', () => shown() === 'Another comet,A comet' && !page.value.hasMore);

  page.value.setText('"comet a"');
  await eventually('nothing is found', () => !page.value.isSearching && shown() === '');
  page.value.setText('');
  await eventually('it is over', () => page.value.text === '');
  page.unmount();
});

test('A page of the server saves the first request, and a new one replaces the list', async () => {
  const first = { sessions: [], count: 0 };
  const second = await unwrap(api.listSessions());
  let requests = 0;
  const counting = { ...api, listSessions: () => requests++ };
  const List = ({ report, initialPage }) => {
    report(useOrionChats(counting, { initialPage }));
    return null;
  };
  const page = render(report => createElement(List, { report, initialPage: first }));
  await eventually('it is shown', () => page.value && !page.value.isLoading);

  page.rerender(report => createElement(List, { report, initialPage: second }));

  await eventually('it is replaced', () => page.value.sessions.length === second.count);
  assert.equal(requests, 0);
  page.unmount();
});
