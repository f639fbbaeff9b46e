import type { OrionClient } from './client.js';
import type { Problem, Result } from './result.js';
import { calling, Store } from './store.js';
import type { Session, SessionChange, SessionPage, SessionQuery } from './types.js';

/**
 * The calls that need a user token. An {@link OrionClient} has them; in a page, they are functions that call the page's own server, such as
 * server actions.
 */
export interface ChatsApi {
  listSessions(query: SessionQuery): Promise<Result<SessionPage>>;
  changeSession(sessionId: string, change: SessionChange): ReturnType<OrionClient['changeSession']>;
  deleteSession(sessionId: string): Promise<Result<void>>;
}

export interface ChatListState {
  readonly sessions: readonly Session[];
  readonly isLoading: boolean;
  /** Whether there are further pages. */
  readonly hasMore: boolean;
  /** The problem of the last action. */
  readonly problem?: Problem;
}

export interface ChatListOptions {
  /** The first page, if the page's server has read it. */
  readonly initialPage?: SessionPage;
  /** By default, the 50 sessions that were changed last, without archived ones. */
  readonly query?: Omit<SessionQuery, 'cursor'>;
}

const pageSize = 50;
const maxPageSize = 200;

/** A list of chats, page by page. */
export class ChatListStore extends Store<ChatListState> {
  api: ChatsApi;
  readonly #query: Omit<SessionQuery, 'cursor'>;
  #cursor: string | undefined;
  /** Counts the reads of the first page: a later page of an earlier list is discarded. */
  #reads = 0;

  constructor(api: ChatsApi, { initialPage, query = {} }: ChatListOptions) {
    super({ sessions: initialPage?.sessions ?? [], isLoading: initialPage === undefined, hasMore: initialPage?.nextCursor !== undefined });
    this.api = api;
    this.#query = query;
    this.#cursor = initialPage?.nextCursor;
  }

  /** Replaces the list. */
  readonly show = (page: SessionPage): void => {
    this.#reads++;
    this.#cursor = page.nextCursor;
    this.set({ sessions: page.sessions, isLoading: false, hasMore: this.#cursor !== undefined });
  };

  /** Reads the list again: as many sessions as it has, up to 200. */
  readonly refresh = async (): Promise<void> => {
    const read = ++this.#reads;
    const limit = Math.max(this.#query.limit ?? pageSize, Math.min(this.state.sessions.length, maxPageSize));
    this.set({ ...this.state, isLoading: true });
    const page = await calling(() => this.api.listSessions({ ...this.#query, limit }));
    if (read !== this.#reads) return;
    if (page.ok) this.show(page.value);
    else this.set({ ...this.state, isLoading: false, problem: page.problem });
  };

  /** Reads the next page. */
  readonly loadMore = async (): Promise<void> => {
    const cursor = this.#cursor;
    if (cursor === undefined || this.state.isLoading) return;
    const read = this.#reads;
    this.set({ ...this.state, isLoading: true });
    const page = await calling(() => this.api.listSessions({ limit: pageSize, ...this.#query, cursor }));
    if (read !== this.#reads) return;
    if (!page.ok) return this.set({ ...this.state, isLoading: false, problem: page.problem });
    this.#cursor = page.value.nextCursor;
    // A session that was changed meanwhile has moved to the first page.
    const known = new Set(this.state.sessions.map(({ sessionId }) => sessionId));
    const sessions = [...this.state.sessions, ...page.value.sessions.filter(({ sessionId }) => !known.has(sessionId))];
    this.set({ sessions, isLoading: false, hasMore: this.#cursor !== undefined });
  };

  /** Returns false after a problem, as the other actions do. */
  readonly rename = (sessionId: string, title: string): Promise<boolean> => this.#change(sessionId, { title });

  /** Archives or restores a session. */
  readonly archive = (sessionId: string, archived = true): Promise<boolean> => this.#change(sessionId, { archived });

  /** Keeps a temporary session. */
  readonly keep = (sessionId: string): Promise<boolean> => this.#change(sessionId, { expiresAt: null });

  readonly remove = async (sessionId: string): Promise<boolean> => {
    const deleted = await calling(() => this.api.deleteSession(sessionId));
    // It may have been deleted in another page.
    return deleted.ok || deleted.problem.error === 'session_not_found' ? this.#replace(sessionId, undefined) : this.#fail(deleted.problem);
  };

  async #change(sessionId: string, change: SessionChange): Promise<boolean> {
    const changed = await calling(() => this.api.changeSession(sessionId, change));
    if (!changed.ok) return this.#fail(changed.problem);
    const isListed = change.archived === undefined || this.#query.archived === 'any' || String(change.archived) === (this.#query.archived ?? 'false');
    return this.#replace(sessionId, isListed ? changed.value : undefined);
  }

  #replace(sessionId: string, session: Session | undefined): true {
    const { problem, ...state } = this.state;
    const sessions = state.sessions.flatMap(existing => (existing.sessionId !== sessionId ? [existing] : session ? [session] : []));
    this.set({ ...state, sessions });
    return true;
  }

  #fail(problem: Problem): false {
    this.set({ ...this.state, problem });
    return false;
  }
}
