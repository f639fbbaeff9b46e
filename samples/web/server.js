// A small frontend for Orion. The server has the secret and creates user tokens. Its page gets only session tokens.
import { createServer } from 'node:http';
import { protect, sendDownload, sendError, sendFile, sendJson, sendResult, withBody } from './responses.js';
import { chatsOf } from './chats.js';
import { People } from './people.js';
import { readSettings } from './settings.js';

let settings;
try {
  settings = readSettings(process.env);
} catch (error) {
  console.error(error.message);
  process.exit(78);
}

const people = new People();
let origin = settings.origin;

const server = createServer((request, response) => {
  handle(request, response).catch(error => {
    console.error(error);
    if (response.headersSent) response.destroy();
    else sendError(response, '/', 500, 'internal_error', 'An error occurred in the sample.');
  });
});

server.listen(settings.port, 'localhost', () => {
  origin ??= `http://localhost:${server.address().port}`;
  console.log(`The sample listens on ${origin}, and uses Orion at ${settings.orion}.`);
});

async function handle(request, response) {
  protect(response, settings.orion);
  if (!URL.canParse(request.url, origin)) return sendError(response, '/', 400, 'validation_failed', 'The request has an invalid URL.');
  const url = new URL(request.url, origin);
  const path = url.pathname;
  // A different host name for this address indicates a foreign page (DNS rebinding).
  if (request.headers.host !== new URL(origin).host) return sendError(response, path, 403, 'origin_not_allowed', `This page is at ${origin}.`);
  if (request.method === 'GET' && sendFile(response, path)) return;
  if (!path.startsWith('/api/')) return sendError(response, path, 404, 'not_found', 'The page does not exist.');
  if (!isOwnPage(request)) return sendError(response, path, 403, 'origin_not_allowed', 'Only the sample’s own page can send this request.');

  const route = `${request.method} ${path}`;
  const email = people.of(request);
  if (route === 'GET /api/me') return sendJson(response, 200, { signedIn: email !== undefined, email, orion: settings.orion });
  if (route === 'POST /api/sign-in') {
    // Replace this with your own authentication: a passkey, a password, an identity provider. The sample signs in every user of this
    // machine as the owner.
    people.signIn(response, settings.person);
    return response.writeHead(204).end();
  }

  if (email === undefined) return sendError(response, path, 401, 'missing_token', 'Sign in first.');
  if (route === 'POST /api/sign-out') {
    people.signOut(request, response);
    return response.writeHead(204).end();
  }

  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const chats = chatsOf(settings, origin, email);
  const query = { q: url.searchParams.get('q') ?? undefined, cursor: url.searchParams.get('cursor') ?? undefined };
  const key = request.headers['idempotency-key'] ? { idempotencyKey: request.headers['idempotency-key'] } : {};
  switch (route) {
    case 'GET /api/chats':
      return sendResult(response, path, await chats.list(query, gone.signal));
    case 'GET /api/search':
      return sendResult(response, path, await chats.search(query, gone.signal));
    case 'GET /api/export':
      return sendDownload(response, path, await chats.export());
    case 'POST /api/chats':
      return withBody(request, response, path, async body => sendResult(response, path, await chats.create(body, key, gone.signal), 201));
  }

  const [, id, part = ''] = /^\/api\/chats\/([^/]+)(\/token|\/edits)?$/.exec(path) ?? [];
  switch (id && `${request.method} ${part}`) {
    case 'PATCH ':
      return withBody(request, response, path, async body => sendResult(response, path, await chats.change(id, body, gone.signal)));
    case 'DELETE ':
      return sendResult(response, path, await chats.remove(id, gone.signal));
    case 'POST /token':
      return sendResult(response, path, await chats.token(id, gone.signal), 201);
    case 'POST /edits':
      return withBody(request, response, path, async body => {
        if (!Number.isInteger(body.sequence)) return sendError(response, path, 400, 'validation_failed', 'The sequence must be an integer.');
        return sendResult(response, path, await chats.edit(id, body, key), 201);
      });
  }

  return sendError(response, path, 404, 'not_found', 'The route does not exist.');
}

/**
 * Checks whether the request comes from a page of this origin. The cookie is SameSite=Strict, but all ports of localhost are the same
 * site; only these two headers distinguish them. Browsers send Origin with every request that can change data.
 */
function isOwnPage(request) {
  const { origin: sender, 'sec-fetch-site': site } = request.headers;
  if (site !== undefined && site !== 'same-origin') return false;
  return request.method === 'GET' ? sender === undefined || sender === origin : sender === origin;
}
