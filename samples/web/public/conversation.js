// An open chat. It reads and writes messages directly in Orion, with a session token.
import { OrionClient, SessionTokens } from '/client/index.js';
import { sessionToken } from '/server.js';

const pageSize = 100;

export class Conversation {
  #client;
  #tokens;
  #closed = new AbortController();
  #earlier;

  constructor(orion, sessionId) {
    this.sessionId = sessionId;
    this.#tokens = new SessionTokens(() => sessionToken(sessionId));
    this.#client = new OrionClient({ baseUrl: orion, token: this.#tokens });
  }

  /** Whether there are older messages. */
  get hasEarlier() {
    return this.#earlier !== undefined;
  }

  get isClosed() {
    return this.#closed.signal.aborted;
  }

  /** Reads the newest messages, or the next older ones; oldest first. */
  async read() {
    const query = { order: 'desc', limit: pageSize, ...(this.#earlier ? { cursor: this.#earlier } : {}) };
    const page = await this.#client.listMessages(this.sessionId, query, { signal: this.#closed.signal });
    if (!page.ok) return page;
    this.#earlier = page.value.nextCursor;
    return { ok: true, value: page.value.messages.reverse() };
  }

  write(draft) {
    const message = { role: 'user', content: draft.text };
    return this.#client.appendMessage(this.sessionId, message, { idempotencyKey: draft.key, signal: this.#closed.signal });
  }

  /** Aborts pending calls and discards the token. */
  close() {
    this.#closed.abort();
    this.#tokens.clear();
  }
}
