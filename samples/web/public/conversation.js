// An open chat. It reads messages and asks for replies directly in Orion, with a session token.
import { collectReply, OrionClient, sequenceOf, SessionTokens } from '/client/index.js';
import { sessionToken } from '/server.js';

const pageSize = 100;
const maxPageSize = 1000;

export class Conversation {
  #client;
  #tokens;
  #closed = new AbortController();
  #earlier;
  #shown = [];
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

  /** The messages that have been read or sent; oldest first. */
  get messages() {
    return [...this.#shown];
  }

  get isClosed() {
    return this.#closed.signal.aborted;
  }

  get #signal() {
    return { signal: this.#closed.signal };
  }

  /** Reads the title of the chat and when it is deleted. */
  readSession() {
    return this.#client.getSession(this.sessionId, this.#signal);
  }

  /** Reads the newest messages; oldest first. */
  readNewest() {
    this.#shown = [];
    return this.#read(pageSize);
  }

  /** Reads the next older messages; oldest first. */
  readEarlier() {
    return this.#read(pageSize, this.#earlier);
  }

  /** Reads all older messages from a sequence on. After an error, `messages` has those that have been read. */
  async readBackTo(sequence) {
    while (this.hasEarlier && this.#shown[0].sequence > sequence) {
      const page = await this.#read(maxPageSize, this.#earlier);
      if (!page.ok) return page;
    }

    return { ok: true };
  }

  /** Returns whether there are newer messages than those that have been read. */
  async hasNewer() {
    const page = await this.#client.listMessages(this.sessionId, { order: 'desc', limit: 1 }, this.#signal);
    return page.ok ? { ok: true, value: page.value.messages[0]?.sequence > this.#shown.at(-1)?.sequence } : page;
  }

  async #read(limit, cursor) {
    const page = await this.#client.listMessages(this.sessionId, { order: 'desc', limit, cursor }, this.#signal);
    if (!page.ok) return page;
    this.#earlier = page.value.nextCursor;
    const messages = page.value.messages.reverse();
    this.#shown.unshift(...messages);
    return { ok: true, value: messages };
  }

  /** Adds a message that has been sent from here. Its sequence is unknown. */
  addSent({ key, text }) {
    const message = { id: key, role: 'user', content: text, timestamp: new Date().toISOString() };
    this.#shown.push(message);
    return message;
  }

  /** Returns the sequence of a message of the user. */
  sequenceOf(message) {
    return sequenceOf(this.#client, this.sessionId, this.#shown, message.id);
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
