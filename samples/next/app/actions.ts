'use server';
// The calls that need a user token. A signed-in user can call these functions with any arguments: Orion checks them, and finds only sessions
// of the user.
import type { Edit, NewSession, SessionChange, SessionQuery } from 'orion-client';
import { signIn, signOut } from '@/auth';
import { orion } from '@/lib/orion';

export async function listSessions(query: SessionQuery) {
  return (await orion()).listSessions(query);
}

export async function createSession(session: NewSession, idempotencyKey: string) {
  return (await orion()).createSession(session, { idempotencyKey });
}

export async function editMessage(id: string, edit: Edit, idempotencyKey: string) {
  return (await orion()).editMessage(id, edit, { idempotencyKey });
}

export async function changeSession(id: string, change: SessionChange) {
  return (await orion()).changeSession(id, change);
}

export async function deleteSession(id: string) {
  return (await orion()).deleteSession(id);
}

export async function enter(method: string) {
  await signIn(method, { redirectTo: '/' });
}

export async function leave() {
  await signOut({ redirect: false });
}
