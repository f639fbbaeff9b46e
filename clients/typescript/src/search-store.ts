import type { CallOptions } from './client.js';
import type { Problem, Result } from './result.js';
import { calling, Store } from './store.js';
import type { SearchPage, SearchQuery, SearchResult } from './types.js';

/**
 * The search, which needs a user token. An {@link OrionClient} has it; in a page, it is a function that calls a route of the page's own
 * server. Server actions of Next.js run one after the other and cannot be aborted, so they are not suitable.
 */
export interface SearchApi {
  search(query: SearchQuery, options: CallOptions): Promise<Result<SearchPage>>;
}

export interface SearchState {
  /** What the user has typed. */
  readonly text: string;
  /** Newest first. While another search is running, the results of the previous one. */
  readonly results: readonly SearchResult[];
  readonly isSearching: boolean;
  /** Whether older messages may contain further results; also possible without any result. */
  readonly hasMore: boolean;
  /** Whether older messages are still being indexed and may be missing. */
  readonly isIndexing: boolean;
  /** The problem of the last search. */
  readonly problem?: Problem;
}

export interface SearchOptions {
  /** By default, 20 results a page, without archived sessions. */
  readonly query?: Omit<SearchQuery, 'q' | 'cursor'>;
  /** The time after the last keystroke until the search begins; by default 300 ms. Each search is a request of the rate limit. */
  readonly delayMilliseconds?: number;
}

const maxPages = 5;
const nothing: Omit<SearchState, 'text' | 'problem'> = { results: [], isSearching: false, hasMore: false, isIndexing: false };

/** A search that follows what the user types. */
export class SearchStore extends Store<SearchState> {
  api: SearchApi;
  readonly #options: SearchOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = new AbortController();
  #cursor: string | undefined;

  constructor(api: SearchApi, options: SearchOptions = {}) {
    super({ text: '', ...nothing });
    this.api = api;
    this.#options = options;
  }

  /** Searches after a short wait; a later text replaces an earlier one. A blank text ends the search. */
  readonly setText = (text: string): void => {
    this.#reset();
    if (text.trim() === '') return this.set({ text, ...nothing });
    const { problem, ...state } = this.state;
    this.set({ ...state, text, isSearching: true, hasMore: false });
    this.#timer = setTimeout(() => void this.#search(), this.#options.delayMilliseconds ?? 300);
  };

  /** Searches for the text now, for example again after a problem. */
  readonly search = (): Promise<void> => {
    this.#reset();
    return this.state.text.trim() === '' ? Promise.resolve() : this.#search();
  };

  /** Reads the next older results. */
  readonly loadMore = (): Promise<void> =>
    this.#cursor === undefined || this.state.isSearching ? Promise.resolve() : this.#search(this.#cursor);

  /** Aborts the search. */
  readonly close = (): void => {
    this.#abort();
    this.set({ ...this.state, isSearching: false });
  };

  #reset(): void {
    this.#abort();
    this.#cursor = undefined;
  }

  #abort(): void {
    clearTimeout(this.#timer);
    this.#running.abort();
  }

  /** Reads pages until there is a result: a page may be empty although there are further ones. */
  async #search(cursor?: string): Promise<void> {
    const running = (this.#running = new AbortController());
    const { text, problem, ...state } = this.state;
    const earlier = cursor === undefined ? nothing : state;
    this.set({ ...state, text, isSearching: true });
    for (let pages = 1; ; pages++) {
      const query = { ...this.#options.query, q: text, ...(cursor === undefined ? {} : { cursor }) };
      const page = await calling(() => this.api.search(query, { signal: running.signal }));
      if (running.signal.aborted) return;
      if (!page.ok) return this.set({ ...earlier, text, isSearching: false, problem: page.problem });
      const { results, nextCursor, indexing = false } = page.value;
      cursor = nextCursor;
      if (results.length === 0 && cursor !== undefined && pages < maxPages) continue;
      this.#cursor = cursor;
      return this.set({
        text, results: [...earlier.results, ...results], isSearching: false, hasMore: cursor !== undefined, isIndexing: indexing,
      });
    }
  }
}
