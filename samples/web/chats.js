import { serverClient } from '../../clients/typescript/dist/server.js';

/** The operations that need a user token, executed for the signed-in user. */
export function chatsOf(settings, origin, email) {
  const orion = serverClient(email, {
    baseUrl: settings.orion,
    // A server does not have to send an origin. This server sends the page's origin, so that a missing entry in ALLOWED_ORIGINS is
    // detected at the first call, not at the first message.
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, Origin: origin } }),
  });

  return {
    list: (query, signal) => orion.listSessions({ limit: 50, ...(query.cursor ? { cursor: query.cursor } : {}) }, { signal }),
    // Without a title: Orion takes it from the first message.
    create: (idempotencyKey, signal) => orion.createSession({}, { signal, ...(idempotencyKey ? { idempotencyKey } : {}) }),
    rename: (id, { title }, signal) => orion.changeSession(id, { title }, { signal }),
    remove: (id, signal) => orion.deleteSession(id, { signal }),
    token: (id, signal) => orion.mintSessionToken(id, { signal, expiresInSeconds: settings.sessionTokenSeconds }),
  };
}
