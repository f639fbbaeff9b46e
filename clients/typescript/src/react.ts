'use client';

import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { ChatListStore, type ChatListOptions, type ChatListState, type ChatsApi } from './chat-list-store.js';
import { ChatStore, type ChatOptions, type ChatState } from './chat-store.js';

export type { ChatListOptions, ChatListState, ChatsApi } from './chat-list-store.js';
export type { ChatMessage, ChatOptions, ChatState } from './chat-store.js';

export interface OrionChats extends ChatListState, Pick<ChatListStore, 'refresh' | 'loadMore' | 'rename' | 'archive' | 'remove'> {}

export interface OrionChat extends ChatState, Pick<ChatStore, 'send' | 'stop' | 'tryAgain' | 'loadEarlier'> {
  /** Reads the newest messages again, and continues a running reply. */
  readonly reload: ChatStore['open'];
}

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
    const { refresh, loadMore, rename, archive, remove } = store;
    return { ...state, refresh, loadMore, rename, archive, remove };
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
    const { send, stop, tryAgain, loadEarlier, open } = store;
    return { ...state, send, stop, tryAgain, loadEarlier, reload: open };
  }, [store, state]);
}
