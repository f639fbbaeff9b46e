import { messageOf } from '/client/index.js';
import { Conversation } from '/conversation.js';
import { messageItem, ReplyItem } from '/messages.js';
import { createChat, deleteChat, Draft, listChats, me, renameChat, signIn, signOut } from '/server.js';

const at = id => document.getElementById(id);
const newChat = new Draft();
const newMessage = new Draft();
let orion;
/** The open chat; undefined for a new one, which begins with its first message. */
let conversation;
let nextCursor;

/** Returns the message that the page shows for a problem. */
const messageFor = problem => (problem.error === 'origin_not_allowed'
  ? `Orion rejects pages from ${location.origin}: the origin is not in ALLOWED_ORIGINS.`
  : messageOf(problem));

function notice(text) {
  at('notice').textContent = text ?? '';
  at('notice').hidden = !text;
}

/** Executes a user action and shows an error. Returns the value, or undefined after an error. */
async function attempt(what, form) {
  const buttons = form ? [...form.querySelectorAll('button:not(#stop)')] : [];
  if (buttons.some(button => button.disabled)) return undefined;
  for (const button of buttons) button.disabled = true;
  try {
    const result = await what();
    if (result.ok) {
      notice();
      return { value: result.value };
    }

    if (result.problem.error === 'aborted') return undefined;
    if (result.problem.error === 'missing_token') showSignIn();
    notice(messageFor(result.problem));
    return undefined;
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

function showSignIn() {
  closeConversation();
  at('list').replaceChildren();
  at('person').textContent = '';
  for (const id of ['chats', 'sign-out']) at(id).hidden = true;
  at('sign-in').hidden = false;
}

async function showChats(email) {
  const id = location.hash.slice(1);
  at('person').textContent = email;
  at('sign-in').hidden = true;
  for (const id of ['chats', 'sign-out']) at(id).hidden = false;
  closeConversation();
  // Before the list is read: what is written meanwhile belongs to this chat.
  if (id) begin(id, { isNew: false });
  await readList();
  if (conversation?.sessionId === id) await load(conversation);
}

async function readList(cursor) {
  const page = await attempt(() => listChats(cursor));
  if (!page) return;
  const items = page.value.sessions.map(listItem);
  if (cursor) at('list').append(...items);
  else at('list').replaceChildren(...items);
  nextCursor = page.value.nextCursor;
  at('more').hidden = !nextCursor;
  at('empty').hidden = at('list').childElementCount > 0;
  showTitle();
}

/** Shows the title of the open chat, which Orion takes from the first message. */
function showTitle() {
  const title = at('list').querySelector('[aria-current="true"] strong')?.textContent;
  if (title && document.activeElement !== at('title')) at('title').value = title;
}

function listItem(session) {
  const title = document.createElement('strong');
  const last = document.createElement('small');
  title.textContent = session.title;
  last.textContent = session.lastMessage;
  const button = document.createElement('button');
  button.type = 'button';
  button.dataset.id = session.sessionId;
  button.ariaCurrent = String(session.sessionId === conversation?.sessionId);
  button.append(title, last);
  button.addEventListener('click', () => open(session.sessionId));
  const item = document.createElement('li');
  item.append(button);
  return item;
}

function markOpen() {
  for (const button of at('list').querySelectorAll('button')) button.ariaCurrent = String(button.dataset.id === conversation?.sessionId);
}

function open(id) {
  closeConversation();
  begin(id, { isNew: false });
  return load(conversation);
}

async function load(opened) {
  let messages = await showNewest(opened);
  if (!opened.isClosed) at('send').disabled = false;
  if (!messages) return;

  // A reply goes on without its page. It is in no list until its end.
  const resumed = await follow(opened, onChange => opened.resume(onChange));
  if (!resumed || resumed.value || opened.isClosed) return;
  // No reply is running. It can have ended a moment ago.
  if (messages.at(-1)?.role === 'user') messages = (await showNewest(opened)) ?? messages;
  showEnd(endOf(messages.at(-1)));
}

/** Makes a chat the open one. Its address survives a reload. Nothing is sent before the messages of an earlier chat are shown. */
function begin(id, { isNew }) {
  at('send').disabled = !isNew;
  conversation = new Conversation(orion, id);
  history.replaceState(null, '', `#${id}`);
  at('name').dataset.state = 'open';
  at('chats').dataset.state = 'open';
  markOpen();
  showTitle();
}

async function showNewest(opened) {
  const messages = await attempt(() => opened.readNewest());
  if (!messages || opened.isClosed) return undefined;
  at('messages').replaceChildren(...messages.value.map(messageItem));
  at('earlier').hidden = !opened.hasEarlier;
  scrollDown();
  return messages.value;
}

/** Shows a new, empty chat. */
function closeConversation() {
  conversation?.close();
  conversation = undefined;
  history.replaceState(null, '', location.pathname);
  at('messages').replaceChildren();
  at('text').value = '';
  at('earlier').hidden = true;
  at('send').disabled = false;
  at('name').dataset.state = 'new';
  at('chats').dataset.state = 'list';
  showEnd();
  showStop(false);
  markOpen();
}

const ends = {
  length: 'The reply reached its maximum length.',
  stopped: 'The reply was stopped.',
  interrupted: 'The reply was interrupted.',
  error: 'The model failed.',
};

/** Returns what the page shows after the last message of a chat. */
function endOf(message) {
  if (message?.role === 'user') return { text: 'There is no reply.', canTryAgain: true };
  const reason = message?.metadata.finishReason;
  return { text: ends[reason], canTryAgain: reason !== 'length' };
}

function showEnd({ text, canTryAgain = false } = {}) {
  at('end').hidden = !text;
  at('end-text').textContent = text ?? '';
  at('again').hidden = !canTryAgain;
}

function showStop(isReplying) {
  at('send').hidden = isReplying;
  at('stop').hidden = !isReplying;
}

/**
 * Shows a reply while it comes.
 * @returns The reply, or undefined after an error.
 */
async function follow(opened, read, form, onStart = () => {}) {
  let item;
  let outcome;
  const result = await attempt(async () => (outcome = await read(reply => {
    if (opened.isClosed) return;
    if (!item) {
      onStart();
      showEnd();
      showStop(true);
      item = new ReplyItem();
      at('messages').append(item.element);
      scrollDown();
    }

    const isAtEnd = at('scroll').scrollHeight - at('scroll').scrollTop - at('scroll').clientHeight < 80;
    item.show(reply, () => isAtEnd && scrollDown());
  })), form);
  if (opened.isClosed) return result;

  if (item) {
    showStop(false);
    if (!item.end()) item.element.remove();
    if (result) {
      const { finishReason, errorText } = result.value;
      showEnd({ text: errorText ?? ends[finishReason], canTryAgain: finishReason !== 'length' });
    } else {
      showEnd({ text: 'The connection is lost, and the reply may go on. Open the chat again.' });
    }

    scrollDown();
    if (result) await readList();
  } else if (outcome?.problem?.error === 'reply_in_progress') {
    // From another page.
    const text = at('text').value;
    const reopened = open(opened.sessionId);
    at('text').value = text;
    await reopened;
  }

  return result;
}

function scrollDown() {
  at('scroll').scrollTop = at('scroll').scrollHeight;
}

function onSubmit(id, handle) {
  at(id).addEventListener('submit', event => {
    event.preventDefault();
    void handle(at(id));
  });
}

onSubmit('name', async form => {
  const renamed = await attempt(() => renameChat(conversation.sessionId, at('title').value), form);
  if (renamed) await readList();
});

onSubmit('write', async form => {
  const text = at('text').value;
  if (!conversation) {
    const created = await attempt(() => createChat(newChat.of(text)), form);
    if (!created) return;
    newChat.done();
    // Another chat has been opened meanwhile.
    if (conversation) return;
    begin(created.value.sessionId, { isNew: true });
  }

  const opened = conversation;
  await follow(opened, onChange => opened.send(newMessage.of(text, opened.sessionId), onChange), form, () => {
    newMessage.done();
    at('text').value = '';
    at('messages').append(messageItem({ role: 'user', content: text, timestamp: new Date().toISOString() }));
    void readList();
  });
});

at('again').addEventListener('click', () => {
  const opened = conversation;
  void follow(opened, onChange => opened.tryAgain(onChange), at('end'));
});

at('stop').addEventListener('click', async () => {
  const opened = conversation;
  await attempt(() => opened.stop());
});

at('new-chat').addEventListener('click', () => {
  closeConversation();
  at('chats').dataset.state = 'open';
  at('text').focus();
});

at('back').addEventListener('click', closeConversation);

at('text').addEventListener('keydown', event => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    if (at('stop').hidden) at('write').requestSubmit();
  }
});

at('delete').addEventListener('click', async () => {
  if (!confirm('Delete this chat and all its messages?')) return;
  const deleted = await attempt(() => deleteChat(conversation.sessionId), at('name'));
  if (!deleted) return;
  closeConversation();
  await readList();
});

at('earlier').addEventListener('click', async () => {
  const reader = conversation;
  const messages = await attempt(() => reader.readEarlier());
  if (!messages || reader.isClosed) return;
  at('messages').prepend(...messages.value.map(messageItem));
  at('earlier').hidden = !reader.hasEarlier;
});

at('more').addEventListener('click', () => readList(nextCursor));

at('sign-in-button').addEventListener('click', async () => {
  if (await attempt(signIn)) await start();
});

at('sign-out').addEventListener('click', async () => {
  if (await attempt(signOut)) showSignIn();
});

async function start() {
  const person = await attempt(me);
  if (!person) return;
  ({ orion } = person.value);
  if (person.value.signedIn) await showChats(person.value.email);
  else showSignIn();
}

await start();
