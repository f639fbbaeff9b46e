// Sends requests to the page's own server. Its responses have the format of Orion's responses.
import { newIdempotencyKey, readProblem } from '/client/index.js';

const networkError = detail => ({ ok: false, problem: { error: 'network_error', status: 0, detail } });

async function ask(method, path, { body, headers = {}, signal } = {}) {
  let response, text;
  try {
    response = await fetch(path, {
      method,
      signal,
      headers: { ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    text = await response.text();
  } catch {
    return networkError('The page’s server is not reachable.');
  }

  if (!response.ok) return { ok: false, problem: readProblem(response.status, response.headers, text) };
  return { ok: true, value: text === '' ? undefined : JSON.parse(text) };
}

const withQuery = (path, query) => `${path}?${new URLSearchParams(Object.entries(query).filter(([, value]) => value))}`;
const keyOf = draft => ({ 'Idempotency-Key': draft.key });

export const me = () => ask('GET', '/api/me');
export const signIn = () => ask('POST', '/api/sign-in');
export const signOut = () => ask('POST', '/api/sign-out');
export const listChats = cursor => ask('GET', withQuery('/api/chats', { cursor }));
export const search = (q, cursor, signal) => ask('GET', withQuery('/api/search', { q, cursor }), { signal });
export const renameChat = (id, title) => ask('PATCH', `/api/chats/${id}`, { body: { title } });
export const keepChat = id => ask('PATCH', `/api/chats/${id}`, { body: { expiresAt: null } });
export const deleteChat = id => ask('DELETE', `/api/chats/${id}`);
export const sessionToken = id => ask('POST', `/api/chats/${id}/token`);
export const createChat = (draft, expiresAt) => ask('POST', '/api/chats', { body: { expiresAt }, headers: keyOf(draft) });
/** Sends the text of a draft in place of a message, in a new chat with copies of the messages before it. */
export const editMessage = (id, sequence, draft) =>
  ask('POST', `/api/chats/${id}/edits`, { body: { sequence, content: draft.text }, headers: keyOf(draft) });

/**
 * Reads the export of all chats into a file, which the browser can keep on the disk. An export that breaks is an error.
 * @param onProgress Gets the number of bytes so far.
 */
export async function exportChats(onProgress) {
  try {
    const response = await fetch('/api/export');
    if (!response.ok) return { ok: false, problem: readProblem(response.status, response.headers, await response.text()) };
    let bytes = 0;
    const counter = new TransformStream({
      transform(chunk, controller) {
        onProgress(bytes += chunk.length);
        controller.enqueue(chunk);
      },
    });
    const file = await new Response(response.body.pipeThrough(counter), { headers: response.headers }).blob();
    const [, name] = /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition')) ?? [];
    return { ok: true, value: { file, name: name ?? 'orion.ndjson' } };
  } catch {
    return networkError('The connection of the export broke.');
  }
}

/** A text that the user wants to send. The same text keeps its key until it has been written, so that a retry is safe. */
export class Draft {
  #draft;

  of(text, place = '') {
    if (this.#draft?.text !== text || this.#draft.place !== place) this.#draft = { text, place, key: newIdempotencyKey(), writtenAt: Date.now() };
    return this.#draft;
  }

  done() {
    this.#draft = undefined;
  }
}
