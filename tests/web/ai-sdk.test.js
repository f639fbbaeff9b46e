// Tests the stream of a reply with the chat of the AI SDK, versions 5 to 7.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unwrap } from 'orion-client';
import { chatOf, textOf, toUIMessage, transportOptions } from './support/ai-sdk.js';
import { model, orion } from './support/orion.js';
import { eventually } from './support/wait.js';

const versions = await Promise.all([5, 6, 7].map(async number => ({ number, sdk: await import(`ai${number}`) })));

async function open({ sdk }, messages = [], existing) {
  const sessionId = existing ?? (await unwrap(orion.api.createSession())).sessionId;
  const token = async () => (await unwrap(orion.api.mintSessionToken(sessionId))).token;
  const chat = chatOf(sdk, { id: sessionId, messages, transport: new sdk.DefaultChatTransport(transportOptions(orion.url, sessionId, token)) });
  const stored = async () => (await unwrap(orion.api.listMessages(sessionId))).messages;
  return { chat, sessionId, stored };
}

/** Sends a message whose reply has no end, and waits for some text. */
async function running(version) {
  const opened = await open(version);
  const sent = opened.chat.sendMessage({ text: 'Forever' });
  await eventually('some text has come', () => opened.chat.messages.length === 2 && textOf(opened.chat.lastMessage).includes('3 '));
  return { ...opened, sent };
}

for (const version of versions) {
  describe(`ai ${version.number}`, () => {
    test('A message is sent and its reply streamed, with reasoning', async () => {
      const { chat, stored } = await open(version);
      await chat.sendMessage({ text: 'Think' });

      assert.equal(chat.error, undefined);
      assert.equal(chat.status, 'ready');
      assert.deepEqual(chat.messages.map(({ role }) => role), ['user', 'assistant']);
      assert.deepEqual(chat.lastMessage.parts.map(({ type, text, state }) => [type, text, state]), [
        ['reasoning', 'First this, then that.', 'done'], ['text', 'Done.', 'done'],
      ]);
      const messages = await stored();
      assert.deepEqual(messages.map(({ content }) => content), ['Think', 'Done.']);
      assert.equal(chat.lastMessage.id, messages[1].id);
      assert.equal(chat.lastMessage.metadata.model, 'stand-in');
    });

    test('Messages from Orion are continued', async () => {
      const first = await open(version);
      await first.chat.sendMessage({ text: 'One' });
      const { chat, stored } = await open(version, (await first.stored()).map(toUIMessage), first.sessionId);

      await chat.sendMessage({ text: 'Two' });

      assert.deepEqual(chat.messages.map(textOf), (await stored()).map(({ content }) => content));
      assert.equal(chat.messages.length, 4);
    });

    test('A failure of the model is an error, and regenerate tries again', async () => {
      const { chat, stored } = await open(version);
      model.fails = 500;
      try {
        await chat.sendMessage({ text: 'Good morning' });
      } finally {
        model.fails = undefined;
      }

      assert.equal(chat.status, 'error');
      assert.equal(chat.error.message, 'The model is unavailable. Try again later.');

      await chat.regenerate();

      assert.equal(chat.status, 'ready');
      assert.deepEqual(chat.messages.map(textOf), ['Good morning', 'You said: Good morning']);
      assert.deepEqual((await stored()).map(({ content }) => content), ['Good morning', 'You said: Good morning']);
    });

    test('A failure after some text keeps the text', async () => {
      const { chat, stored } = await open(version);

      await chat.sendMessage({ text: 'Break' });

      assert.equal(chat.status, 'error');
      assert.equal(textOf(chat.lastMessage), 'Half a ');
      assert.equal((await stored())[1].content, 'Half a ');
    });

    test('A reply is stopped by the id in its metadata, and what was shown is kept', async () => {
      const { chat, sessionId, stored, sent } = await running(version);

      const reply = await unwrap(orion.api.stop(sessionId, chat.lastMessage.metadata.replyId));
      await sent;

      assert.equal(reply.status, 'stopped');
      assert.equal(chat.error, undefined);
      assert.equal(chat.status, 'ready');
      assert.equal(chat.lastMessage.parts.at(-1).state, 'done');
      assert.equal(textOf(chat.lastMessage), (await stored())[1].content);
    });

    test('A running reply is resumed after a reload, without its message in the list', async () => {
      const first = await open(version);
      const sent = first.chat.sendMessage({ text: 'Count' });
      await eventually('some text has come', () => first.chat.messages.length === 2);
      const { chat, stored } = await open(version, (await first.stored()).map(toUIMessage), first.sessionId);
      assert.deepEqual(chat.messages.map(({ role }) => role), ['user']);

      await chat.resumeStream();
      await sent;

      assert.equal(chat.status, 'ready');
      assert.deepEqual(chat.messages.map(textOf), ['Count', (await stored())[1].content]);
      assert.deepEqual(first.chat.messages.map(textOf), chat.messages.map(textOf));
    });

    test('A running reply is resumed with the incomplete message in the list', async () => {
      const { chat, sessionId, stored, sent } = await running(version);
      // Only closes the connection.
      await chat.stop();
      await sent;

      const resumed = chat.resumeStream();
      await eventually('more text has come', () => textOf(chat.lastMessage).includes('10 '));
      await unwrap(orion.api.stop(sessionId, chat.lastMessage.metadata.replyId));
      await resumed;

      assert.deepEqual(chat.messages.map(textOf), (await stored()).map(({ content }) => content));
    });

    test('Without a running reply, resuming changes nothing', async () => {
      const first = await open(version);
      await first.chat.sendMessage({ text: 'Hello' });
      const { chat } = await open(version, (await first.stored()).map(toUIMessage), first.sessionId);

      await chat.resumeStream();

      assert.equal(chat.status, 'ready');
      assert.deepEqual(chat.messages.map(textOf), ['Hello', 'You said: Hello']);
    });

    test('A second reply is an error with the problem as its message', async () => {
      const { chat, sessionId, sent } = await running(version);
      const second = await open(version, [], sessionId);

      await second.chat.sendMessage({ text: 'Hello' });

      assert.equal(second.chat.status, 'error');
      const problem = JSON.parse(second.chat.error.message);
      assert.equal(problem.error, 'reply_in_progress');
      assert.equal(problem.replyId, chat.lastMessage.metadata.replyId);
      await unwrap(orion.api.stop(sessionId, problem.replyId));
      await sent;
    });

    test('A message that is sent again with its id gets the same reply', async () => {
      const { chat, sessionId, stored } = await open(version);
      await chat.sendMessage({ text: 'Once' });
      const again = await open(version, [], sessionId);

      await again.chat.sendMessage(chat.messages[0]);

      assert.deepEqual(again.chat.messages, chat.messages);
      assert.equal((await stored()).length, 2);
    });
  });
}

test('Revoking the tokens of the user is an error in each version, and stops the replies', async () => {
  const all = await Promise.all(versions.map(running));

  await unwrap(orion.api.revokeTokens());
  await Promise.all(all.map(({ sent }) => sent));

  for (const { chat, sessionId, stored } of all) {
    assert.equal(chat.status, 'error');
    const { replyId } = chat.lastMessage.metadata;
    await eventually('the reply is stopped', async () => (await unwrap(orion.api.getReply(sessionId, replyId))).status === 'stopped');
    assert.ok((await stored())[1].content.startsWith(textOf(chat.lastMessage)));
  }
});
