// An open chat. It reads messages and asks for replies directly in Orion, with a session token.
import { collectReply, OrionClient, SessionTokens } from '/client/index.js';
import { sessionToken } from '/server.js';

const pageSize = 100;

export class Conversation {
  #client;
  #tokens;
  #closed = new AbortController();
  #earlier;
  #replyId;

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

  get #signal() {
    return { signal: this.#closed.signal };
  }

  /** Reads the newest messages; oldest first. */
  readNewest() {
    return this.#read({});
  }

  /** Reads the next older messages; oldest first. */
  readEarlier() {
    return this.#read({ cursor: this.#earlier });
  }

  async #read(position) {
    const page = await this.#client.listMessages(this.sessionId, { order: 'desc', limit: pageSize, ...position }, this.#signal);
    if (!page.ok) return page;
    this.#earlier = page.value.nextCursor;
    return { ok: true, value: page.value.messages.reverse() };
  }

  /** Sends a message and reads the reply to its end. Calls `onChange` with the reply up to now. */
  send(draft, onChange) {
    return this.#collect(this.#client.reply(this.sessionId, { content: draft.text, idempotencyKey: draft.key, ...this.#signal }), onChange);
  }

  /** Asks for another reply to the last message of the user. */
  tryAgain(onChange) {
    return this.#collect(this.#client.reply(this.sessionId, this.#signal), onChange);
  }

  /** Reads the running reply to its end. The value is undefined if no reply is running. */
  async resume(onChange) {
    const running = await this.#client.resume(this.sessionId, this.#signal);
    if (!running.ok) return running;
    return running.value ? this.#collect(running.value, onChange) : { ok: true, value: undefined };
  }

  async #collect(frames, onChange) {
    try {
      return await collectReply(frames, reply => {
        this.#replyId = reply.replyId;
        onChange(reply);
      });
    } finally {
      this.#replyId = undefined;
    }
  }

  /** Stops the running reply. */
  async stop() {
    return this.#replyId ? this.#client.stop(this.sessionId, this.#replyId, this.#signal) : { ok: true };
  }

  /** Aborts pending calls and discards the token. A running reply goes on. */
  close() {
    this.#closed.abort();
    this.#tokens.clear();
  }
}
