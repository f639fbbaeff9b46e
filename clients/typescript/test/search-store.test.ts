import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem, Result, SearchPage, SearchQuery, SearchResult } from '../src/index.js';
import { SearchStore, type SearchOptions } from '../src/search-store.js';
import { session } from './fake-orion.js';

const result = (snippet: string): SearchResult => ({ session: { ...session, archivedAt: '' }, snippet, highlights: [] });
const page = (snippets: string[], nextCursor?: string): Result<SearchPage> =>
  ({ ok: true, value: { results: snippets.map(result), count: snippets.length, ...(nextCursor ? { nextCursor } : {}) } });
const problem: Problem = { error: 'network_error', status: 0, detail: 'No.' };

/** A search whose pages are given one after the other; it records the requests. */
function search(pages: (Result<SearchPage> | Promise<Result<SearchPage>>)[], options: SearchOptions = { delayMilliseconds: 0 }) {
  const seen: (SearchQuery & { signal: AbortSignal })[] = [];
  const store = new SearchStore({
    search: async (query, { signal }) => {
      seen.push({ ...query, signal: signal! });
      return pages.shift()!;
    },
  }, options);
  const shown = () => store.state.results.map(({ snippet }) => snippet).join();
  const settles = () => new Promise<void>(resolve => {
    const unsubscribe = store.subscribe(() => {
      if (store.state.isSearching) return;
      unsubscribe();
      resolve();
    });
  });
  return { store, seen, shown, settles };
}

test('Only the last text is searched for, after a wait, and its further pages are appended', async () => {
  const { store, seen, shown, settles } = search([page(['a'], 'next'), page(['b'])], { delayMilliseconds: 20, query: { limit: 1 } });

  store.setText('o');
  store.setText('orion');
  assert.deepEqual([store.state.text, store.state.isSearching, seen.length], ['orion', true, 0]);
  await settles();
  assert.deepEqual([shown(), store.state.hasMore], ['a', true]);
  await store.loadMore();
  await store.loadMore();

  assert.deepEqual([shown(), store.state.hasMore], ['a,b', false]);
  assert.deepEqual(seen.map(({ signal, ...query }) => query), [{ limit: 1, q: 'orion' }, { limit: 1, q: 'orion', cursor: 'next' }]);
});

test('An earlier search is aborted, and its late response discarded', async () => {
  let respond: (page: Result<SearchPage>) => void = () => {};
  const { store, seen, shown, settles } = search([new Promise(resolve => (respond = resolve)), page(['new'])]);
  store.setText('first');
  const first = store.search();

  store.setText('second');
  await settles();
  respond(page(['old'], 'old-cursor'));
  await first;

  assert.equal(seen[0]?.signal.aborted, true);
  assert.deepEqual([shown(), store.state.text, store.state.hasMore], ['new', 'second', false]);
  store.setText('third');
  store.close();
  assert.deepEqual([shown(), store.state.isSearching, seen.length], ['new', false, 2]);
});

test('Empty pages are followed to the first result, up to a limit', async () => {
  const empty = (cursor?: string) => page([], cursor);
  const { store, seen, shown } = search([empty('1'), page(['a']), empty('1'), empty('2'), empty('3'), empty('4'), empty('5'), page(['b'])]);
  store.setText('rare');

  await store.search();
  assert.equal(shown(), 'a');
  await store.search();
  assert.deepEqual([shown(), store.state.hasMore, store.state.isSearching], ['', true, false]);
  await store.loadMore();

  assert.deepEqual([shown(), store.state.hasMore], ['b', false]);
  assert.deepEqual(seen.map(({ cursor }) => cursor), [undefined, '1', undefined, '1', '2', '3', '4', '5']);
});

test('A blank text ends the search', async () => {
  const { store, seen, shown } = search([page(['a'])]);
  store.setText('a');
  await store.search();

  store.setText(' ');

  assert.deepEqual([shown(), store.state.text, store.state.isSearching, seen.length], ['', ' ', false, 1]);
});

test('A problem replaces the results of the text, and a page that fails can be read again', async () => {
  const { store, seen, shown } = search([page(['a'], 'next'), { ok: false, problem }, page(['b']), Promise.reject(new Error('The server is away.'))]);
  store.setText('a');
  await store.search();

  await store.loadMore();
  assert.deepEqual([shown(), store.state.problem, store.state.hasMore], ['a', problem, true]);
  await store.loadMore();
  assert.deepEqual([shown(), store.state.problem], ['a,b', undefined]);
  await store.search();

  assert.deepEqual([shown(), store.state.problem?.error, store.state.isSearching], ['', 'network_error', false]);
  assert.deepEqual(seen.map(({ cursor }) => cursor), [undefined, 'next', 'next', undefined]);
});

test('It is reported that messages are still being indexed', async () => {
  const { store } = search([{ ok: true, value: { results: [], count: 0, indexing: true } }]);
  store.setText('a');

  await store.search();

  assert.equal(store.state.isIndexing, true);
});
