import { OrionClient } from '../../clients/typescript/dist/index.js';
import { mintUserToken } from './user-token.js';

/** What a page needs beyond its session token, asked of Orion in the name of the person who is signed in. */
export function chatsOf(settings, origin, email) {
  const orion = new OrionClient({
    baseUrl: settings.orion,
    token: () => mintUserToken(settings, email),
    // A server need not say an origin. This one says its page's, so that an origin off Orion's list is found out by the first
    // call, not only by the first message.
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, Origin: origin } }),
  });

  return {
    list: (query, signal) => orion.listSessions({ limit: 50, ...(query.cursor ? { cursor: query.cursor } : {}) }, { signal }),
    create: ({ title }, idempotencyKey, signal) => orion.createSession({ title }, { signal, ...(idempotencyKey ? { idempotencyKey } : {}) }),
    rename: (id, { title }, signal) => orion.changeSession(id, { title }, { signal }),
    remove: (id, signal) => orion.deleteSession(id, { signal }),
    token: (id, signal) => orion.mintSessionToken(id, { signal, expiresInSeconds: settings.sessionTokenSeconds }),
  };
}
