// Tests OrionChatTransport with the chat of the AI SDK, versions 5 to 7, and with useChat of the newest one.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Chat, useChat } from '@ai-sdk/react';
import { createElement, StrictMode } from 'react';
import { OrionClient, SessionTokens, unwrap } from 'orion-client';
import { OrionChatTransport, problemOf, toText, toUIMessages } from 'orion-client/ai';
import { chatOf } from './support/ai-sdk.js';
import { model, orion } from './support/orion.js';
import { render } from './support/react.js';
import { eventually } from './support/wait.js';

const newSession = async () => (await unwrap(orion.api.createSession())).sessionId;
const stored = async sessionId => (await unwrap(orion.api.listMessages(sessionId))).messages;
/** A transport as in a page: with session tokens. */
const transportOf = options => new OrionChatTransport({
  client: id => new OrionClient({ baseUrl: orion.url, token: new SessionTokens(() => orion.api.mintSessionToken(id)) }), ...options,
});

async function open(sdk, { sessionId, messages = [], ...options } = {}) {
  const id = sessionId ?? (await newSession());
  const transport = transportOf(options);
  return { chat: chatOf(sdk, { id, messages, transport }), transport, sessionId: id };
}

async function running(sdk, options) {
  const opened = await open(sdk, options);
  const sent = opened.chat.sendMessage({ text: 'Forever' });
  await eventually('some text has come', () => opened.chat.messages.length === 2 && toText(opened.chat.lastMessage).includes('3 '));
  return { ...opened, sent };
}

async function isStopped(sessionId, replyId) {
  await eventually('the reply is stopped', async () => (await unwrap(orion.api.getReply(sessionId, replyId))).status === 'stopped');
}

for (const version of [5, 6, 7]) {
  describe(`ai ${version}`, async () => {
    const sdk = await import(`ai${version}`);

    test('A message is sent and its reply streamed, with reasoning', async () => {
      const { chat, sessionId } = await open(sdk);

      await chat.sendMessage({ text: 'Think' }, { body: { metadata: { draft: 1 } } });

      assert.deepEqual([chat.status, chat.error], ['ready', undefined]);
      assert.deepEqual(chat.lastMessage.parts.map(({ type, text, state }) => [type, text, state]), [
        ['reasoning', 'First this, then that.', 'done'], ['text', 'Done.', 'done'],
      ]);
      const messages = await stored(sessionId);
      assert.deepEqual(messages.map(({ content }) => content), ['Think', 'Done.']);
      assert.deepEqual([messages[0].metadata, messages[1].id], [{ draft: 1 }, chat.lastMessage.id]);
    });

    test('Stored messages are continued', async () => {
      const first = await open(sdk);
      await first.chat.sendMessage({ text: 'One' });
      const newestFirst = await unwrap(orion.api.listMessages(first.sessionId, { order: 'desc' }));
      const { chat } = await open(sdk, { sessionId: first.sessionId, messages: toUIMessages(newestFirst.messages) });

      await chat.sendMessage({ text: 'Two' });

      assert.deepEqual(chat.messages.map(toText), ['One', 'You said: One', 'Two', 'You said: Two']);
    });

    test('stop stops the reply, and the next message is accepted', async () => {
      const { chat, sessionId, sent } = await running(sdk);
      const { replyId } = chat.lastMessage.metadata;

      await chat.stop();
      await sent;
      assert.equal(chat.status, 'ready');
      await chat.sendMessage({ text: 'Hello' });

      assert.deepEqual([chat.error, toText(chat.lastMessage)], [undefined, 'You said: Hello']);
      await isStopped(sessionId, replyId);
    });

    test('stop of the transport ends the chat with the text that is stored', async () => {
      const { chat, transport, sessionId, sent } = await running(sdk, { stopOnAbort: false });

      await unwrap(transport.stop(sessionId));
      await sent;

      assert.deepEqual([chat.status, chat.error, chat.lastMessage.parts.at(-1).state], ['ready', undefined, 'done']);
      assert.equal(toText(chat.lastMessage), (await stored(sessionId))[1].content);
    });

    test('A running reply is resumed after a reload, and stopped', async () => {
      const first = await running(sdk);
      const { chat, transport, sessionId } = await open(sdk, { sessionId: first.sessionId, messages: toUIMessages(await stored(first.sessionId)) });

      const resumed = chat.resumeStream();
      await eventually('text has come', () => chat.messages.length === 2 && toText(chat.lastMessage).includes('5 '));
      await unwrap(transport.stop(sessionId));
      await Promise.all([resumed, first.sent]);

      assert.deepEqual(chat.messages.map(toText), (await stored(sessionId)).map(({ content }) => content));
      assert.deepEqual(first.chat.messages.map(toText), chat.messages.map(toText));
    });

    test('Without a running reply, resuming changes nothing', async () => {
      const { chat } = await open(sdk);
      await chat.sendMessage({ text: 'Hello' });

      await chat.resumeStream();

      assert.deepEqual([chat.status, ...chat.messages.map(toText)], ['ready', 'Hello', 'You said: Hello']);
    });

    test('A failure of the model is an error, and regenerate tries again', async () => {
      const { chat, sessionId } = await open(sdk);
      model.fails = 500;
      try {
        await chat.sendMessage({ text: 'Good morning' });
      } finally {
        model.fails = undefined;
      }

      assert.deepEqual([chat.status, chat.error.message], ['error', 'The model is unavailable. Try again later.']);
      assert.equal(problemOf(chat.error), undefined);
      await chat.regenerate();

      assert.equal(chat.status, 'ready');
      assert.deepEqual((await stored(sessionId)).map(({ content }) => content), ['Good morning', 'You said: Good morning']);
    });

    test('A rejected message is an error with its problem, and regenerate sends it', async () => {
      const first = await running(sdk);
      const { chat, sessionId } = await open(sdk, { sessionId: first.sessionId });

      await chat.sendMessage({ text: 'Hello' });
      assert.equal(problemOf(chat.error)?.error, 'reply_in_progress');
      assert.equal(chat.error.message, 'A reply is still coming. Wait for its end, or stop it.');
      await unwrap(orion.api.stop(sessionId, problemOf(chat.error).replyId));
      await first.sent;
      await chat.regenerate();

      assert.deepEqual((await stored(sessionId)).map(({ content }) => content).slice(2), ['Hello', 'You said: Hello']);
    });
  });
}

describe('useChat', () => {
  const Page = ({ report, ...options }) => {
    report(useChat(options));
    return null;
  };

  /** Renders a chat as a page does, in strict mode, which mounts it twice. Waits until no running reply is continued. */
  async function open(transport, options) {
    let resumes = 0;
    const { reconnectToStream } = transport;
    transport.reconnectToStream = options => reconnectToStream.call(transport, options).finally(() => resumes++);
    const page = render(report => createElement(StrictMode, null, createElement(Page, { report, resume: true, ...options })));
    await eventually('the chat is mounted', () => resumes === 2);
    transport.reconnectToStream = reconnectToStream;
    return page;
  }

  test('A reply goes on when its chat is left, is resumed when it is opened again, and is stopped', async () => {
    const id = await newSession();
    const transport = transportOf({ stopOnAbort: false });
    const page = await open(transport, { id, transport });
    void page.value.sendMessage({ text: 'Forever' });
    await eventually('some text has come', () => page.value.messages.length === 2 && toText(page.value.messages[1]).includes('2 '));
    page.unmount();

    const messages = toUIMessages(await stored(id));
    const again = await open(transport, { id, transport, messages });
    await eventually('it goes on', () => again.value?.messages.length === 2 && toText(again.value.messages[1]).includes('9 '));
    await unwrap(transport.stop(id));
    await eventually('the chat is ready', () => again.value.status === 'ready');

    assert.equal(again.value.error, undefined);
    assert.deepEqual(again.value.messages.map(toText), (await stored(id)).map(({ content }) => content));
    again.unmount();
  });

  test('The reply of a chat of the page’s own is shown by each component that uses it', async () => {
    const id = await newSession();
    const transport = transportOf();
    const page = await open(transport, { chat: new Chat({ id, transport }) });

    await page.value.sendMessage({ text: 'Hello' });

    await eventually('it is shown', () => page.value.messages.length === 2 && page.value.status === 'ready');
    assert.deepEqual(page.value.messages.map(toText), ['Hello', 'You said: Hello']);
    page.unmount();
  });
});
