// A small frontend of Orion. It holds the secret and mints user tokens; its page gets session tokens alone.
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { protect, readBody, refuse, sendFile, sendJson, sendResult } from './answers.js';
import { chatsOf } from './chats.js';
import { People } from './people.js';
import { readSettings } from './settings.js';

let settings;
try {
  settings = readSettings(process.env, fileURLToPath(new URL('../..', import.meta.url)));
} catch (error) {
  console.error(error.message);
  process.exit(78);
}

const people = new People();
let origin = settings.origin;

const server = createServer((request, response) => {
  answer(request, response).catch(error => {
    console.error(error);
    if (response.headersSent) response.destroy();
    else refuse(response, '/', 500, 'internal_error', 'Something went wrong in the sample.');
  });
});

server.listen(settings.port, 'localhost', () => {
  origin ??= `http://localhost:${server.address().port}`;
  console.log(`The sample listens on ${origin}, and asks Orion at ${settings.orion}.`);
});

async function answer(request, response) {
  protect(response, settings.orion);
  if (!URL.canParse(request.url, origin)) return refuse(response, '/', 400, 'validation_failed', 'This is no address.');
  const url = new URL(request.url, origin);
  const path = url.pathname;
  // Another name for this address is somebody else's page (DNS rebinding).
  if (request.headers.host !== new URL(origin).host) return refuse(response, path, 403, 'origin_not_allowed', `This page is at ${origin}.`);
  if (request.method === 'GET' && sendFile(response, path)) return;
  if (!path.startsWith('/api/')) return refuse(response, path, 404, 'not_found', 'There is no such page.');
  if (!isOwnPage(request)) return refuse(response, path, 403, 'origin_not_allowed', 'Only the sample’s own page may ask for this.');

  const route = `${request.method} ${path}`;
  const email = people.of(request);
  if (route === 'GET /api/me') return sendJson(response, 200, { signedIn: email !== undefined, email, orion: settings.orion });
  if (route === 'POST /api/sign-in') {
    // Here stands your own sign-in: a passkey, a password, an identity provider. The sample takes everybody on this machine
    // for the one person whom Orion knows.
    people.signIn(response, settings.person);
    return response.writeHead(204).end();
  }

  if (email === undefined) return refuse(response, path, 401, 'missing_token', 'Sign in first.');
  if (route === 'POST /api/sign-out') {
    people.signOut(request, response);
    return response.writeHead(204).end();
  }

  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const chats = chatsOf(settings, origin, email);
  if (route === 'GET /api/chats') return sendResult(response, path, await chats.list({ cursor: url.searchParams.get('cursor') }, gone.signal));
  if (route === 'POST /api/chats') {
    const body = await readBody(request);
    if (!body) return refuse(response, path, 400, 'malformed_json', 'A JSON object is needed.');
    return sendResult(response, path, await chats.create(body, request.headers['idempotency-key'], gone.signal), 201);
  }

  const [, id, rest] = /^\/api\/chats\/([^/]+)(\/token)?$/.exec(path) ?? [];
  if (id && request.method === 'POST' && rest) return sendResult(response, path, await chats.token(id, gone.signal), 201);
  if (id && request.method === 'DELETE' && !rest) return sendResult(response, path, await chats.remove(id, gone.signal));
  if (id && request.method === 'PATCH' && !rest) {
    const body = await readBody(request);
    if (!body) return refuse(response, path, 400, 'malformed_json', 'A JSON object is needed.');
    return sendResult(response, path, await chats.rename(id, body, gone.signal));
  }

  return refuse(response, path, 404, 'not_found', 'There is no such route.');
}

/**
 * Whether the request comes from a page of this origin. The cookie is SameSite=Strict, but every port of localhost is the same
 * site: only these two headers tell one from the other. Browsers send Origin with all that changes something.
 */
function isOwnPage(request) {
  const { origin: sender, 'sec-fetch-site': site } = request.headers;
  if (site !== undefined && site !== 'same-origin') return false;
  return request.method === 'GET' ? sender === undefined || sender === origin : sender === origin;
}
