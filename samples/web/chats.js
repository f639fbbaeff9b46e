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
    list: (query, signal) => orion.listSessions({ limit: 50, ...query }, { signal }),
    search: (query, signal) => orion.search(query, { signal }),
    // Without a title: Orion takes it from the first message.
    create: ({ expiresAt }, key, signal) => orion.createSession({ expiresAt }, { signal, ...key }),
    change: (id, { title, expiresAt }, signal) => orion.changeSession(id, { title, expiresAt }, { signal }),
    // Without a signal: if the page leaves, the new chat still gets its message.
    edit: (id, { sequence, content }, key) => orion.editMessage(id, { sequence, content }, key),
    remove: (id, signal) => orion.deleteSession(id, { signal }),
    token: (id, signal) => orion.mintSessionToken(id, { signal, expiresInSeconds: settings.sessionTokenSeconds }),
    // Without a signal: the reader cancels the body.
    export: () => orion.exportSessions(),
  };
}
