import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const maxBodyBytes = 16 * 1024;

/** Headers of every answer. The page may load from here alone, and talk to here and to Orion. */
export function protect(response, orion) {
  const headers = {
    'Content-Security-Policy': [
      "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", `connect-src 'self' ${orion}`, "base-uri 'none'",
      "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].join('; '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  };
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

const types = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };
const at = path => fileURLToPath(new URL(path, import.meta.url));
const client = name => [`/client/${name}.js`, at(`../../clients/typescript/dist/${name}.js`)];

// A list, not a folder: nothing else can be asked for.
const files = new Map([
  ['/', at('public/index.html')],
  ...['page.js', 'server.js', 'conversation.js', 'style.css', 'icon.svg'].map(name => [`/${name}`, at(`public/${name}`)]),
  ...['index', 'client', 'result', 'tokens', 'transport'].map(client),
]);

/** Sends one of the page's files; false if there is none at this path. */
export function sendFile(response, path) {
  const file = files.get(path);
  if (!file) return false;
  response.writeHead(200, { 'Content-Type': `${types[file.split('.').at(-1)]}; charset=utf-8` });
  response.end(readFileSync(file));
  return true;
}

export function sendJson(response, status, value) {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}

/** Refuses as Orion does, so that the page reads one kind of refusal. */
export function refuse(response, path, status, error, detail) {
  sendProblem(response, { type: 'about:blank', title: error, status, detail, instance: path, error, requestId: 'sample' });
}

/** Hands on what the client came to. */
export function sendResult(response, path, result, status = 200) {
  if (!result.ok) return sendRefusal(response, path, result.problem);
  if (result.value === undefined) response.writeHead(204).end();
  else sendJson(response, status, result.value);
}

function sendRefusal(response, path, problem) {
  switch (problem.error) {
    // To the page this would mean its own sign-in.
    case 'missing_token':
    case 'invalid_token':
      return refuse(response, path, 502, 'server_not_accepted', 'Orion does not accept this server’s tokens: see to its secret, issuer, audience and clock.');
    case 'invalid_id':
      return refuse(response, path, 404, 'session_not_found', 'There is no such session.');
    default:
      // Where Orion itself refused, its refusal goes on as it is.
      return 'title' in problem ? sendProblem(response, problem) : refuse(response, path, 503, 'unavailable', problem.detail);
  }
}

function sendProblem(response, problem) {
  response.writeHead(problem.status, {
    'Content-Type': 'application/problem+json',
    ...(problem.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(problem.retryAfterSeconds) }),
  });
  response.end(JSON.stringify(problem));
}

/** The body, a JSON object; undefined where it is anything else. */
export async function readBody(request) {
  if (!/^application\/json *(;|$)/i.test(request.headers['content-type'] ?? '')) return undefined;
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }

  try {
    const body = JSON.parse(Buffer.concat(chunks).toString());
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? body : undefined;
  } catch {
    return undefined;
  }
}
