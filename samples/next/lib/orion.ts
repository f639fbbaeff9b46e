import 'server-only';
import { redirect } from 'next/navigation';
import { connection } from 'next/server';
import type { OrionClient, Problem } from 'orion-client';
import { serverClient } from 'orion-client/server';
import { auth } from '@/auth';

/** The e-mail address of the signed-in user. */
export async function currentUser(): Promise<string | undefined> {
  // Auth.js renews the cookie, and Orion's tokens contain the time: neither is possible while Next.js renders a page in advance.
  await connection();
  return (await auth())?.user?.email ?? undefined;
}

/** A client with user tokens. They grant access to all data of the user, and never leave this server. */
export async function orion(): Promise<OrionClient> {
  return serverClient((await currentUser()) ?? redirect('/sign-in'));
}

/** Handles a request to a route of this server with a client of the signed-in user. Only the pages of this server may send such requests. */
export async function forPage(request: Request, handle: (client: OrionClient) => Promise<Response>): Promise<Response> {
  // The cookie does not prove which page sends the request.
  if (request.headers.get('Sec-Fetch-Site') !== 'same-origin') return new Response(null, { status: 403 });
  const user = await currentUser();
  return user ? handle(serverClient(user)) : new Response(null, { status: 401 });
}

/** The response for a problem, which the page reads with `readProblem`. */
export const failure = (problem: Problem) => json(problem, problem.status || 503);

export const json = (value: unknown, status = 200) => Response.json(value, { status, headers: { 'Cache-Control': 'no-store' } });
