import { readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

// The longest message, 100,000 characters, fits.
const maxBodyBytes = 1024 * 1024;

/**
 * Sets the headers of every response. The page can load resources only from this server, and connect only to this server and Orion. Only
 * DOMPurify can parse HTML.
 */
export function protect(response, orion) {
  const headers = {
    'Content-Security-Policy': [
      "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", `connect-src 'self' ${orion}`, "base-uri 'none'",
      "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", 'trusted-types dompurify',
    ].join('; '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  };
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

const types = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml', txt: 'text/plain' };
const at = path => fileURLToPath(new URL(path, import.meta.url));
const client = name => [`/client/${name}.js`, at(`../../clients/typescript/dist/${name}.js`)];

// A fixed list instead of a folder, so that no other file can be requested.
const files = new Map([
  ['/index.html', at('public/index.html')],
  ...['page.js', 'server.js', 'conversation.js', 'messages.js', 'markdown.js', 'search.js', 'style.css', 'icon.svg']
    .map(name => [`/${name}`, at(`public/${name}`)]),
  ...['index', 'client', 'errors', 'events', 'replies', 'result', 'shown', 'snippets', 'tokens', 'transport'].map(client),
  ['/packages/marked.js', at('node_modules/marked/lib/marked.esm.js')],
  ['/packages/marked.txt', at('node_modules/marked/LICENSE')],
  ['/packages/dompurify.js', at('node_modules/dompurify/dist/purify.es.mjs')],
  ['/packages/dompurify.txt', at('node_modules/dompurify/LICENSE')],
]);

/** Sends one of the page's files. Returns false if there is no file at this path. */
export function sendFile(response, path) {
  const name = path === '/' ? '/index.html' : path;
  const file = files.get(name);
  if (!file) return false;
  response.writeHead(200, { 'Content-Type': `${types[name.split('.').at(-1)]}; charset=utf-8` });
  response.end(readFileSync(file));
  return true;
}

export function sendJson(response, status, value) {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}

/** Sends an error response in Orion's format, so that the page handles only one format. */
export function sendError(response, path, status, error, detail) {
  sendProblem(response, { type: 'about:blank', title: error, status, detail, instance: path, error, requestId: 'sample' });
}

/** Sends the result of a client call. */
export function sendResult(response, path, result, status = 200) {
  if (!result.ok) return sendClientProblem(response, path, result.problem);
  if (result.value === undefined) response.writeHead(204).end();
  else sendJson(response, status, result.value);
}

/**
 * Sends the response of a client call as a download. `pipeline` reads only as fast as the page, cancels the call if the page leaves, and
 * destroys the response if the call breaks, so that the page does not take the download for complete.
 */
export async function sendDownload(response, path, result) {
  if (!result.ok) return sendClientProblem(response, path, result.problem);
  response.writeHead(200, Object.fromEntries(result.value.headers));
  await pipeline(result.value.body, response).catch(() => {});
}

function sendClientProblem(response, path, problem) {
  switch (problem.error) {
    // The page would interpret these codes as a missing sign-in.
    case 'missing_token':
    case 'invalid_token':
      return sendError(response, path, 502, 'server_not_accepted', 'Orion rejects the tokens of this server: check its secret, issuer, audience and clock.');
    case 'invalid_id':
      return sendError(response, path, 404, 'session_not_found', 'The session does not exist.');
    default:
      // An error response of Orion is passed on unchanged.
      return 'title' in problem ? sendProblem(response, problem) : sendError(response, path, 503, 'unavailable', problem.detail);
  }
}

function sendProblem(response, problem) {
  response.writeHead(problem.status, {
    'Content-Type': 'application/problem+json',
    ...(problem.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(problem.retryAfterSeconds) }),
  });
  response.end(JSON.stringify(problem));
}

/** Calls `handle` with the body, or sends an error if it is not a JSON object. */
export async function withBody(request, response, path, handle) {
  if (!(Number(request.headers['content-length']) <= maxBodyBytes)) {
    return sendError(response, path, 413, 'payload_too_large', 'The body is too large, or its length is unknown.');
  }

  const body = await readBody(request);
  if (!body) return sendError(response, path, 400, 'malformed_json', 'The body must be a JSON object.');
  return handle(body);
}

async function readBody(request) {
  if (!/^application\/json *(;|$)/i.test(request.headers['content-type'] ?? '')) return undefined;
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    const body = JSON.parse(Buffer.concat(chunks).toString());
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? body : undefined;
  } catch {
    return undefined;
  }
}
