import type { SearchResult } from './types.js';

/** A part of a snippet. */
export interface SnippetPart {
  readonly text: string;
  /** Whether the query matches the part. */
  readonly isMatch: boolean;
}

/** Splits the snippet of a result at its highlights, whose positions are code points, so that a page can mark the matches without HTML. */
export function splitSnippet({ snippet, highlights }: Pick<SearchResult, 'snippet' | 'highlights'>): SnippetPart[] {
  const characters = [...snippet];
  const parts: SnippetPart[] = [];
  let end = 0;
  const add = (to: number, isMatch: boolean) => {
    if (to > end) parts.push({ text: characters.slice(end, to).join(''), isMatch });
    end = Math.max(end, to);
  };
  for (const { start, length } of highlights) {
    add(start, false);
    add(start + length, true);
  }

  add(characters.length, false);
  return parts;
}
