import { serverClient } from 'orion-client/server';
import { currentUser } from '@/lib/orion';

/** Creates a session token: it grants access to one chat for 5 minutes. The page holds it in memory. */
export async function POST(request: Request, { params }: RouteContext<'/api/chats/[id]/token'>) {
  // The cookie does not prove which page sends the request.
  if (request.headers.get('Sec-Fetch-Site') !== 'same-origin') return new Response(null, { status: 403 });
  const user = await currentUser();
  if (!user) return new Response(null, { status: 401 });

  const { id } = await params;
  const minted = await serverClient(user).mintSessionToken(id, { signal: request.signal });
  const headers = { 'Cache-Control': 'no-store' };
  return minted.ok
    ? Response.json(minted.value, { status: 201, headers })
    : Response.json(minted.problem, { status: minted.problem.status || 503, headers });
}
