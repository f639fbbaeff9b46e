'use client';

import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { ChatListStore, type ChatListOptions, type ChatListState, type ChatsApi } from './chat-list-store.js';
import { ChatStore, type ChatOptions, type ChatState } from './chat-store.js';
import { SearchStore, type SearchApi, type SearchOptions, type SearchState } from './search-store.js';

export type { ChatListOptions, ChatListState, ChatsApi } from './chat-list-store.js';
export type { ChatMessage, ChatOptions, ChatState } from './chat-store.js';
export type { SearchApi, SearchOptions, SearchState } from './search-store.js';

export interface OrionChats extends ChatListState, Pick<ChatListStore, 'refresh' | 'loadMore' | 'rename' | 'archive' | 'keep' | 'remove'> {}

export interface OrionChat extends ChatState, Pick<ChatStore, 'send' | 'stop' | 'tryAgain' | 'loadEarlier' | 'sequenceOf'> {
  /** Reads the newest messages again, and continues a running reply. */
  readonly reload: ChatStore['open'];
}

export interface OrionSearch extends SearchState, Pick<SearchStore, 'setText' | 'search' | 'loadMore'> {}

/** A list of chats. It is read when the component is mounted, if there is no `initialPage`; a new `initialPage` replaces it. */
export function useOrionChats(api: ChatsApi, options: ChatListOptions = {}): OrionChats {
  const { initialPage, query } = options;
  // A new query is a new list.
  const key = JSON.stringify(query);
  const store = useMemo(() => new ChatListStore(api, options), [key]);
  const shown = useRef(initialPage);
  useEffect(() => {
    store.api = api;
  });
  useEffect(() => {
    if (initialPage === undefined) void store.refresh();
    else if (initialPage !== shown.current) store.show(initialPage);
    shown.current = initialPage;
  }, [store, initialPage]);
  const state = useSyncExternalStore(store.subscribe, store.current, store.current);
  return useMemo(() => {
    const { refresh, loadMore, rename, archive, keep, remove } = store;
    return { ...state, refresh, loadMore, rename, archive, keep, remove };
  }, [store, state]);
}

/**
 * An open chat. It reads the newest messages when the component is mounted, if there is no `initialPage`, and continues a running reply. A
 * reply goes on if the component is unmounted.
 */
export function useOrionChat(sessionId: string, options: ChatOptions): OrionChat {
  const store = useMemo(() => new ChatStore(sessionId, options), [sessionId]);
  useEffect(() => {
    store.onReplied = options.onReplied;
  });
  useEffect(() => {
    void store.open();
    return store.close;
  }, [store]);
  const state = useSyncExternalStore(store.subscribe, store.current, store.current);
  return useMemo(() => {
    const { send, stop, tryAgain, loadEarlier, sequenceOf, open } = store;
    return { ...state, send, stop, tryAgain, loadEarlier, sequenceOf, reload: open };
  }, [store, state]);
}

/** A search in all chats. It follows what the user types: pass that to `setText`. */
export function useOrionSearch(api: SearchApi, options: SearchOptions = {}): OrionSearch {
  // A new query is a new search.
  const store = useMemo(() => new SearchStore(api, options), [JSON.stringify(options.query)]);
  useEffect(() => {
    store.api = api;
  });
  useEffect(() => store.close, [store]);
  const state = useSyncExternalStore(store.subscribe, store.current, store.current);
  return useMemo(() => {
    const { setText, search, loadMore } = store;
    return { ...state, setText, search, loadMore };
  }, [store, state]);
}
