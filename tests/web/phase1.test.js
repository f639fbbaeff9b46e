// Tests a whole chat as the frontend of the service that Orion replaces has it: with the routes of Phase 1, and with the way in which the
// frontend's proxy parses the stream.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { model, orion } from './support/orion.js';
import { owner } from './support/processes.js';

/** The frontend's server. It knows the backend's address and the shared secret. */
class Frontend {
  async #call(path, body) {
    const headers = { Authorization: `Bearer ${await orion.mintToken()}`, ...(body && { 'Content-Type': 'application/json' }) };
    return fetch(`${orion.url}${path}`, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body) });
  }

  async #json(path, body) {
    const response = await this.#call(path, body);
    assert.ok(response.ok, `${path}: ${response.status}`);
    return response.json();
  }

  create = () => this.#json('/api/sessions/create', { userId: owner, firstMessage: owner });
  list = () => this.#json(`/api/sessions/list?userId=${encodeURIComponent(owner)}`);
  messages = id => this.#json(`/api/sessions/messages?sessionId=${id}`);
  save = (sessionId, role, content) => this.#json('/api/sessions/save-message', { userId: owner, sessionId, role, content });

  /** Returns the text that the page shows. Events of other types are dropped. */
  async ask(message, sessionId, conversationHistory) {
    const response = await this.#call('/api/chat-stream-v2', { message, userId: owner, sessionId, conversationHistory });
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type'), /^text\/event-stream/);
    let text = '';
    let buffer = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const events = (buffer + chunk).split('\n\n');
      buffer = events.pop();
      for (const event of events) {
        const data = event.split('\n').filter(line => line.startsWith('data: ')).map(line => line.slice(6)).join('');
        if (!data) continue;
        const { type, ...rest } = JSON.parse(data);
        if (type === 'content') text += rest.text;
        if (type === 'done') return text;
      }
    }

    throw new Error('The stream ended without done.');
  }

  /** Asks, and stores the message and the reply. */
  async chat(sessionId, message) {
    const { messages } = await this.messages(sessionId);
    await this.save(sessionId, 'user', message);
    const reply = await this.ask(message, sessionId, messages.map(({ role, content }) => ({ role, content })));
    await this.save(sessionId, 'assistant', reply);
    return reply;
  }
}

test('A chat of the old frontend works with only the address of its backend changed', async () => {
  const frontend = new Frontend();
  assert.deepEqual(await frontend.list(), { sessions: [], count: 0 });
  const { sessionId } = await frontend.create();

  const text = 'Good morning 👋\n\nTwo lines, “quotes”, \\ and \u2028.';
  assert.equal(await frontend.chat(sessionId, text), `You said: ${text}`);
  const markdown = await frontend.chat(sessionId, 'Markdown');

  assert.match(markdown, /^## A list\n\n1\. \*\*Bold\*\*[^]*\n\n```js\nconst a = 1 < 2;\n```\n\n[^]*The end\.$/);
  assert.deepEqual(model.requests.at(-1).messages.map(({ role, content }) => [role, content]), [
    ['user', text], ['assistant', `You said: ${text}`], ['user', 'Markdown'],
  ]);
  const { messages } = await frontend.messages(sessionId);
  assert.deepEqual(messages.map(({ role, content }) => [role, content]), [
    ['user', text], ['assistant', `You said: ${text}`], ['user', 'Markdown'], ['assistant', markdown],
  ]);
  assert.equal((await frontend.list()).sessions[0].lastMessage.length > 0, true);
});

test('The old frontend shows why there is no reply', async () => {
  const frontend = new Frontend();
  const { sessionId } = await frontend.create();
  model.fails = 500;
  try {
    assert.equal(await frontend.chat(sessionId, 'Good morning'), 'The model is unavailable. Try again later.');
  } finally {
    model.fails = undefined;
  }
});
