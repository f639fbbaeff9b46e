import { failure, forPage } from '@/lib/orion';

/** Passes on the export of all chats, as a file, without holding it in memory. */
export async function GET(request: Request) {
  return forPage(request, async client => {
    const exported = await client.exportSessions({ signal: request.signal });
    return exported.ok ? exported.value : failure(exported.problem);
  });
}
