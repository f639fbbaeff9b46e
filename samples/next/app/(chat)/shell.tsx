'use client';
import Link from 'next/link';
import { usePathname, useRouter } from 'next/navigation';
import { createContext, use, useEffect, useRef, useState, type ReactNode, type RefObject } from 'react';
import { messageOf, type SessionPage } from 'orion-client';
import { useOrionChats } from 'orion-client/react';
import * as actions from '../actions';
import { Export } from './export';
import { SearchField, SearchResults, useSearch } from './search';

interface Shared {
  readonly orionUrl: string;
  readonly models: readonly string[];
  readonly model: string | undefined;
  readonly setModel: (model: string) => void;
  readonly chats: ReturnType<typeof useOrionChats>;
  /** Opens a chat that was created a moment ago, and whose last message has no reply yet. */
  readonly open: (sessionId: string) => void;
  /** That chat. */
  readonly created: RefObject<string | undefined>;
  readonly openList: () => void;
}

const SharedContext = createContext<Shared | undefined>(undefined);
export const useShared = () => use(SharedContext)!;

/** The list of chats beside the open chat, and what both share. */
export function Shell({ user, orionUrl, models, initialPage, children }: {
  user: string;
  orionUrl: string;
  models: readonly string[];
  initialPage: SessionPage | undefined;
  children: ReactNode;
}) {
  // Undefined for the list that the server has rendered.
  const [archived, setArchived] = useState<'false' | 'true'>();
  const chats = useOrionChats(actions, archived ? { query: { archived } } : initialPage ? { initialPage } : {});
  const search = useSearch();
  const [model, setModel] = useState(models[0]);
  const [isListOpen, setIsListOpen] = useState(false);
  const created = useRef<string>(undefined);
  const router = useRouter();

  useEffect(() => {
    if (!isListOpen) return;
    const close = (event: KeyboardEvent) => event.key === 'Escape' && setIsListOpen(false);
    addEventListener('keydown', close);
    return () => removeEventListener('keydown', close);
  }, [isListOpen]);

  const open = (sessionId: string) => {
    created.current = sessionId;
    router.push(`/chats/${sessionId}`);
    void chats.refresh();
  };

  // A full load of the next page, so that nothing of this user stays in memory.
  const signOut = async () => {
    await actions.leave();
    location.assign('/sign-in');
  };

  return (
    <SharedContext value={{ orionUrl, models, model, setModel, chats, open, created, openList: () => setIsListOpen(true) }}>
      <div className="shell" data-list={isListOpen ? 'open' : undefined}>
        <nav aria-label="Chats" onClick={event => (event.target as Element).closest('a') && setIsListOpen(false)}>
          <Link href="/" className="button primary">New chat</Link>
          <SearchField search={search} />
          {search.text.trim() ? <SearchResults search={search} /> : <List chats={chats} archived={archived === 'true'} />}
          <footer>
            <span className="faint">{user}</span>
            {archived === 'true'
              ? <button onClick={() => setArchived('false')}>Show current</button>
              : <button onClick={() => setArchived('true')}>Show archived</button>}
            <Export />
            <button onClick={() => void signOut()}>Sign out</button>
          </footer>
        </nav>
        <button className="backdrop" aria-label="Close the list" onClick={() => setIsListOpen(false)} />
        <main>
          {chats.problem && (
            <p role="alert" className="note">
              {messageOf(chats.problem)} <button onClick={() => void chats.refresh()}>Reload the chats</button>
            </p>
          )}
          {children}
        </main>
      </div>
    </SharedContext>
  );
}

function List({ chats, archived }: { chats: Shared['chats']; archived: boolean }) {
  const pathname = usePathname();
  return (
    <>
      {archived && <p className="faint">Archived chats</p>}
      <ul>
        {chats.sessions.map(({ sessionId, title, expiresAt, metadata }) => (
          <li key={sessionId}>
            <Link href={`/chats/${sessionId}`} aria-current={pathname === `/chats/${sessionId}` ? 'page' : undefined}>
              <span>{title}</span>
              {expiresAt !== undefined && <small>temporary</small>}
              {'forkedFrom' in metadata && <small>edited</small>}
            </Link>
          </li>
        ))}
      </ul>
      {chats.hasMore && <button disabled={chats.isLoading} onClick={() => void chats.loadMore()}>Older chats</button>}
      {chats.sessions.length === 0 && !chats.problem && <p className="faint">{chats.isLoading ? 'Loading…' : 'There are no chats.'}</p>}
    </>
  );
}
