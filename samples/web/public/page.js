import { Conversation } from '/conversation.js';
import { createChat, deleteChat, Draft, listChats, me, renameChat, signIn, signOut } from '/server.js';

const at = id => document.getElementById(id);
const newChat = new Draft();
const newMessage = new Draft();
let orion;
let conversation;
let nextCursor;

/** Returns the message that the page shows for a problem. */
function messageFor(problem) {
  switch (problem.error) {
    case 'rate_limited':
      return `Too many requests. Try again in ${wait(problem.retryAfterSeconds ?? 60)}.`;
    case 'unavailable':
      return 'Orion is unavailable. Try again in a moment; nothing is written twice.';
    case 'network_error':
    case 'timed_out':
      return `${problem.detail} Try again; nothing is written twice.`;
    case 'missing_token':
      return 'You are signed out. Sign in again.';
    case 'invalid_token':
      return 'Orion no longer accepts the token of this page. Open the chat again.';
    case 'not_authorized':
      return 'You are not on Orion’s allow-list.';
    case 'origin_not_allowed':
      return `Orion rejects pages from ${location.origin}: the origin is not in ALLOWED_ORIGINS.`;
    case 'session_not_found':
      return 'This chat no longer exists.';
    case 'session_archived':
      return 'This chat is archived and read-only.';
    case 'validation_failed':
      return Object.values(problem.errors ?? {}).flat().join(' ') || problem.detail;
    default:
      return `${problem.detail} (${problem.error}${problem.requestId ? `, ${problem.requestId}` : ''})`;
  }
}

const wait = seconds => (seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`);

function notice(text) {
  at('notice').textContent = text ?? '';
  at('notice').hidden = !text;
}

/** Executes a user action and shows an error. Returns the value, or undefined after an error. */
async function attempt(what, form) {
  const buttons = form ? [...form.querySelectorAll('button')] : [];
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
  at('person').textContent = email;
  at('sign-in').hidden = true;
  for (const id of ['chats', 'sign-out']) at(id).hidden = false;
  await readList();
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
  button.addEventListener('click', () => open(session.sessionId, title.textContent));
  const item = document.createElement('li');
  item.append(button);
  return item;
}

function markOpen() {
  for (const button of at('list').querySelectorAll('button')) button.ariaCurrent = String(button.dataset.id === conversation?.sessionId);
}

async function open(id, title) {
  closeConversation();
  const opened = (conversation = new Conversation(orion, id));
  at('title').value = title;
  at('conversation').hidden = false;
  at('nothing-open').hidden = true;
  markOpen();
  const messages = await attempt(() => opened.read());
  if (!messages || opened.isClosed) return;
  at('messages').replaceChildren(...messages.value.map(messageItem));
  at('earlier').hidden = !opened.hasEarlier;
  at('messages').scrollTop = at('messages').scrollHeight;
}

function closeConversation() {
  conversation?.close();
  conversation = undefined;
  at('messages').replaceChildren();
  at('text').value = '';
  at('earlier').hidden = true;
  at('conversation').hidden = true;
  at('nothing-open').hidden = false;
  markOpen();
}

function messageItem(message) {
  const time = document.createElement('time');
  time.dateTime = message.timestamp;
  time.textContent = new Date(message.timestamp).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  const item = document.createElement('li');
  item.dataset.role = message.role;
  item.append(message.content, time);
  return item;
}

function onSubmit(id, handle) {
  at(id).addEventListener('submit', event => {
    event.preventDefault();
    void handle(at(id));
  });
}

onSubmit('new-chat', async form => {
  const created = await attempt(() => createChat(newChat.of(at('new-title').value)), form);
  if (!created) return;
  newChat.done();
  at('new-title').value = '';
  await readList();
  await open(created.value.sessionId, created.value.title);
});

onSubmit('name', async form => {
  const renamed = await attempt(() => renameChat(conversation.sessionId, at('title').value), form);
  if (renamed) await readList();
});

onSubmit('write', async form => {
  const { sessionId } = conversation;
  const writer = conversation;
  const written = await attempt(() => writer.write(newMessage.of(at('text').value, sessionId)), form);
  if (!written) return;
  newMessage.done();
  if (writer.isClosed) return;
  at('text').value = '';
  at('messages').append(messageItem(written.value));
  at('messages').lastElementChild.scrollIntoView();
  await readList();
});

at('text').addEventListener('keydown', event => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    at('write').requestSubmit();
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
  const messages = await attempt(() => reader.read());
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
