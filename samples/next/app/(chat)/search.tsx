import Link from 'next/link';
import { messageOf, readProblem, splitSnippet, type SearchResult } from 'orion-client';
import { useOrionSearch, type SearchApi } from 'orion-client/react';
import { Time } from './time';

const api: SearchApi = {
  async search(query, { signal }) {
    const parameters = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
    const response = await fetch(`/api/search?${parameters}`, { signal: signal ?? null });
    const text = await response.text();
    return response.ok ? { ok: true, value: JSON.parse(text) } : { ok: false, problem: readProblem(response.status, response.headers, text) };
  },
};

export const useSearch = () => useOrionSearch(api, { query: { archived: 'any' } });
export type Search = ReturnType<typeof useSearch>;

export function SearchField({ search }: { search: Search }) {
  return (
    <form role="search" action={() => search.search()}>
      <input
        type="search"
        aria-label="Search all chats"
        placeholder="Search"
        maxLength={200}
        value={search.text}
        onChange={event => search.setText(event.target.value)}
        onKeyDown={event => {
          if (event.key !== 'Escape' || search.text === '') return;
          // The first one ends the search, the next one closes the list.
          event.stopPropagation();
          search.setText('');
        }}
      />
    </form>
  );
}

export function SearchResults({ search }: { search: Search }) {
  const { results, isSearching, isIndexing, hasMore, problem } = search;
  let status = '';
  if (isSearching) status = 'Searching…';
  else if (results.length === 0 && !problem) status = hasMore ? 'Nothing found in the newer messages.' : 'Nothing found.';
  return (
    <>
      <ul aria-label="Search results" aria-busy={isSearching}>
        {results.map(result => (
          <li key={`${result.session.sessionId} ${result.message?.id}`}><Result result={result} /></li>
        ))}
      </ul>
      {hasMore && <button disabled={isSearching} onClick={() => void search.loadMore()}>Search further</button>}
      <p role="status" className="faint">
        {status} {isIndexing && 'Older messages are still being prepared for the search, and may be missing.'}
      </p>
      {problem && <p role="alert">{messageOf(problem)} <button onClick={() => void search.search()}>Search again</button></p>}
    </>
  );
}

const authors = { user: 'You', assistant: 'Reply' };

function Result({ result }: { result: SearchResult }) {
  const { session, message } = result;
  const snippet = splitSnippet(result).map(({ text, isMatch }, i) => (isMatch ? <mark key={i}>{text}</mark> : text));
  return (
    <Link href={`/chats/${session.sessionId}${message ? `?message=${message.sequence}` : ''}`} className="result" prefetch={false}>
      <strong>{message ? session.title : snippet}</strong>
      <span className="faint">
        {message ? authors[message.role] : 'Title'} · <Time value={message?.timestamp ?? session.updatedAt} />
        {session.archivedAt && ' · archived'}
      </span>
      {message && <span>{snippet}</span>}
    </Link>
  );
}
