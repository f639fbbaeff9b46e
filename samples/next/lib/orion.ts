import 'server-only';
import { redirect } from 'next/navigation';
import { connection } from 'next/server';
import type { OrionClient } from 'orion-client';
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
