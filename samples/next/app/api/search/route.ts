import type { SearchQuery } from 'orion-client';
import { failure, forPage, json } from '@/lib/orion';

/** Searches. A route, because server actions run one after the other, and cannot be aborted. */
export async function GET(request: Request) {
  // Orion checks the parameters.
  const query = Object.fromEntries(new URL(request.url).searchParams) as unknown as SearchQuery;
  return forPage(request, async client => {
    const found = await client.search(query, { signal: request.signal });
    return found.ok ? json(found.value) : failure(found.problem);
  });
}
