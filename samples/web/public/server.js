// Sends requests to the page's own server. Its responses have the format of Orion's responses.
import { newIdempotencyKey, readProblem } from '/client/index.js';

async function ask(method, path, body, headers = {}) {
  let response, text;
  try {
    response = await fetch(path, {
      method,
      headers: { ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    text = await response.text();
  } catch {
    return { ok: false, problem: { error: 'network_error', status: 0, detail: 'The page’s server is not reachable.' } };
  }

  if (!response.ok) return { ok: false, problem: readProblem(response.status, response.headers, text) };
  return { ok: true, value: text === '' ? undefined : JSON.parse(text) };
}

export const me = () => ask('GET', '/api/me');
export const signIn = () => ask('POST', '/api/sign-in');
export const signOut = () => ask('POST', '/api/sign-out');
export const listChats = cursor => ask('GET', `/api/chats${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ''}`);
export const renameChat = (id, title) => ask('PATCH', `/api/chats/${id}`, { title });
export const deleteChat = id => ask('DELETE', `/api/chats/${id}`);
export const sessionToken = id => ask('POST', `/api/chats/${id}/token`);
export const createChat = draft => ask('POST', '/api/chats', undefined, { 'Idempotency-Key': draft.key });

/** A text that the user wants to send. The same text keeps its key until it has been written, so that a retry is safe. */
export class Draft {
  #draft;

  of(text, place = '') {
    if (this.#draft?.text !== text || this.#draft.place !== place) this.#draft = { text, place, key: newIdempotencyKey() };
    return this.#draft;
  }

  done() {
    this.#draft = undefined;
  }
}
