import { failure, forPage, json } from '@/lib/orion';

/** Creates a session token: it grants access to one chat for 5 minutes. The page holds it in memory. */
export async function POST(request: Request, { params }: RouteContext<'/api/chats/[id]/token'>) {
  const { id } = await params;
  return forPage(request, async client => {
    const minted = await client.mintSessionToken(id, { signal: request.signal });
    return minted.ok ? json(minted.value, 201) : failure(minted.problem);
  });
}
