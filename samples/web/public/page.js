import { messageOf } from '/client/index.js';
import { Conversation } from '/conversation.js';
import { messageItem, onEnter, ReplyItem, timeText } from '/messages.js';
import { Search } from '/search.js';
import { createChat, deleteChat, Draft, editMessage, exportChats, keepChat, listChats, me, renameChat, signIn, signOut } from '/server.js';

const temporaryHours = 24;

const at = id => document.getElementById(id);
const newChat = new Draft();
const newMessage = new Draft();
const newEdit = new Draft();
const search = new Search(openResult, report);
/** The chats that have been read, by their ids. */
const sessions = new Map();
let orion;
/** Whether the new chat will be a temporary one. */
let isTemporary = false;
/** The open chat; undefined for a new one, which begins with its first message. */
let conversation;
/** Raised when a chat is left, also a new one. */
let left = 0;
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

    if (result.problem.error !== 'aborted') notice(report(result.problem));
    return undefined;
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

/** Returns the text for a problem. A user who is signed out has to sign in again. */
function report(problem) {
  if (problem.error === 'missing_token') showSignIn();
  return messageFor(problem);
}

function showSignIn() {
  closeConversation();
  search.clear();
  sessions.clear();
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
  for (const session of page.value.sessions) sessions.set(session.sessionId, session);
  const items = page.value.sessions.map(listItem);
  if (cursor) at('list').append(...items);
  else at('list').replaceChildren(...items);
  nextCursor = page.value.nextCursor;
  at('more').hidden = !nextCursor;
  at('empty').hidden = at('list').childElementCount > 0;
  showSession();
}

/** Shows the title of the open chat, which Orion takes from the first message, and when the chat is deleted. */
function showSession() {
  const session = sessions.get(conversation?.sessionId);
  if (session && document.activeElement !== at('title')) at('title').value = session.title;
  const time = conversation ? session?.expiresAt && timeText(session.expiresAt) : isTemporary && `${temporaryHours} hours`;
  // Within an hour after this time.
  const text = time && `Temporary chat, deleted after ${time}.`;
  at('expiry').hidden = !text;
  at('expiry-text').textContent = text || '';
  at('keep').hidden = !conversation;
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
  if (session.expiresAt) {
    const expiry = document.createElement('small');
    expiry.className = 'expiry';
    expiry.textContent = `Deleted after ${timeText(session.expiresAt)}`;
    button.append(expiry);
  }

  button.addEventListener('click', () => open(session.sessionId));
  const item = document.createElement('li');
  item.append(button);
  return item;
}

function markOpen() {
  for (const button of at('results').querySelectorAll('[aria-current]')) {
    if (button.dataset.id !== conversation?.sessionId) button.ariaCurrent = null;
  }

  for (const button of at('list').querySelectorAll('button')) button.ariaCurrent = String(button.dataset.id === conversation?.sessionId);
}

/** Opens a chat. With a sequence, its messages are shown back to this one. */
function open(id, { sequence } = {}) {
  closeConversation();
  begin(id, { isNew: false });
  return load(conversation, sequence);
}

function openResult({ session, message }) {
  if (session.sessionId === conversation?.sessionId && (!message || showMessage(message.sequence))) at('chats').dataset.state = 'open';
  else void open(session.sessionId, { sequence: message?.sequence });
}

async function load(opened, sequence) {
  let messages = await showNewest(opened, sequence);
  if (!opened.isClosed) at('send').disabled = false;
  if (!messages) return;

  if (!sessions.has(opened.sessionId)) {
    const session = await attempt(() => opened.readSession());
    if (session) sessions.set(opened.sessionId, session.value);
    if (!opened.isClosed) showSession();
  }

  // A reply goes on without its page. It is in no list until its end.
  const resumed = await follow(opened, onChange => opened.resume(onChange));
  if (!resumed || resumed.value || opened.isClosed) return;
  // No reply is running. It can have ended a moment ago.
  if (messages.at(-1)?.role === 'user') {
    const newer = await attempt(() => opened.hasNewer());
    if (newer?.value) messages = (await showNewest(opened, sequence)) ?? messages;
    if (opened.isClosed) return;
  }

  stayAtEnd(() => showEnd(endOf(messages.at(-1))));
}

/** Makes a chat the open one. Its address survives a reload. Nothing is sent before the messages of an earlier chat are shown. */
function begin(id, { isNew }) {
  at('send').disabled = !isNew;
  conversation = new Conversation(orion, id);
  history.replaceState(null, '', `#${id}`);
  at('name').dataset.state = 'open';
  at('chats').dataset.state = 'open';
  markOpen();
  showSession();
}

async function showNewest(opened, sequence) {
  const newest = await attempt(() => opened.readNewest());
  if (!newest || opened.isClosed) return undefined;
  if (sequence) await attempt(() => opened.readBackTo(sequence));
  if (opened.isClosed) return undefined;
  const { messages } = opened;
  at('messages').replaceChildren(...messages.map(itemOf));
  at('earlier').hidden = !opened.hasEarlier;
  scrollDown();
  if (sequence) showMessage(sequence);
  return messages;
}

const itemOf = message => messageItem(message, askAgain);

/** Scrolls to a message. Returns false if it is not shown. */
function showMessage(sequence) {
  at('messages').querySelector('.found')?.classList.remove('found');
  const item = at('messages').querySelector(`[data-sequence="${sequence}"]`);
  if (!item) return false;
  item.classList.add('found');
  item.tabIndex = -1;
  item.scrollIntoView({ block: 'center' });
  item.focus({ preventScroll: true });
  return true;
}

/** Shows a new, empty chat. */
function closeConversation() {
  conversation?.close();
  conversation = undefined;
  left++;
  isTemporary = false;
  history.replaceState(null, '', location.pathname);
  at('messages').replaceChildren();
  at('text').value = '';
  at('title').value = '';
  at('earlier').hidden = true;
  at('send').disabled = false;
  at('name').dataset.state = 'new';
  at('chats').dataset.state = 'list';
  showEnd();
  showStop(false);
  markOpen();
  showSession();
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
      showStop(true);
      item = new ReplyItem();
      stayAtEnd(() => {
        showEnd();
        at('messages').append(item.element);
      });
    }

    const wasAtEnd = isAtEnd();
    item.show(reply, () => wasAtEnd && scrollDown());
  })), form);
  if (opened.isClosed) return result;

  if (item) {
    showStop(false);
    stayAtEnd(() => {
      if (!item.end()) item.element.remove();
      if (result) {
        const { finishReason, errorText } = result.value;
        showEnd({ text: errorText ?? ends[finishReason], canTryAgain: finishReason !== 'length' });
      } else {
        showEnd({ text: 'The connection is lost, and the reply may go on. Open the chat again.' });
      }
    });
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

const isAtEnd = () => at('scroll').scrollHeight - at('scroll').scrollTop - at('scroll').clientHeight < 80;

/** Changes what is shown. The end of the chat remains visible, but a user who reads earlier messages stays there. */
function stayAtEnd(change) {
  const wasAtEnd = isAtEnd();
  change();
  if (wasAtEnd) scrollDown();
}

function onSubmit(id, handle) {
  at(id).addEventListener('submit', event => {
    event.preventDefault();
    void handle(at(id));
  });
}

onSubmit('name', async form => {
  const renamed = await attempt(() => renameChat(conversation.sessionId, at('title').value), form);
  if (!renamed) return;
  sessions.set(renamed.value.sessionId, renamed.value);
  search.refresh();
  await readList();
});

onSubmit('write', async form => {
  const text = at('text').value;
  if (!conversation) {
    const before = left;
    const created = await attempt(() => {
      const draft = newChat.of(text, isTemporary ? 'temporary' : '');
      // The time of the draft, because a retry must have the same content.
      return createChat(draft, isTemporary ? new Date(draft.writtenAt + temporaryHours * 3_600_000).toISOString() : undefined);
    }, form);
    if (!created) return;
    newChat.done();
    // Another chat, or another new one, has been opened meanwhile.
    if (left !== before) return;
    sessions.set(created.value.sessionId, created.value);
    begin(created.value.sessionId, { isNew: true });
  }

  const opened = conversation;
  const draft = newMessage.of(text, opened.sessionId);
  await follow(opened, onChange => opened.send(draft, onChange), form, () => {
    newMessage.done();
    at('text').value = '';
    at('messages').append(itemOf(opened.addSent(draft)));
    scrollDown();
    void readList();
  });
});

/** Sends the edited text of a message in a new chat with the messages before it. The open chat does not change. */
async function askAgain(message, text, form) {
  const opened = conversation;
  const edited = await attempt(async () => {
    const sequence = await opened.sequenceOf(message);
    return sequence.ok ? editMessage(opened.sessionId, sequence.value, newEdit.of(text, `${opened.sessionId} ${sequence.value}`)) : sequence;
  }, form);
  if (!edited) return;
  newEdit.done();
  // Another chat has been opened meanwhile.
  if (conversation !== opened) return readList();
  closeConversation();
  begin(edited.value.sessionId, { isNew: false });
  const started = conversation;
  const [messages] = await Promise.all([showNewest(started), readList()]);
  if (started.isClosed) return;
  at('send').disabled = false;
  if (messages) await follow(started, onChange => started.tryAgain(onChange), at('end'));
}

at('again').addEventListener('click', () => {
  const opened = conversation;
  void follow(opened, onChange => opened.tryAgain(onChange), at('end'));
});

at('keep').addEventListener('click', async () => {
  const kept = await attempt(() => keepChat(conversation.sessionId), at('expiry'));
  if (!kept) return;
  sessions.set(kept.value.sessionId, kept.value);
  showSession();
  await readList();
});

at('stop').addEventListener('click', async () => {
  const opened = conversation;
  await attempt(() => opened.stop());
});

function startNew({ temporary }) {
  closeConversation();
  isTemporary = temporary;
  showSession();
  at('chats').dataset.state = 'open';
  at('text').focus();
}

at('new-chat').addEventListener('click', () => startNew({ temporary: false }));
at('temporary-chat').addEventListener('click', () => startNew({ temporary: true }));
at('back').addEventListener('click', closeConversation);

onEnter(at('text'), () => {
  if (at('stop').hidden) at('write').requestSubmit();
});

at('delete').addEventListener('click', async () => {
  if (!confirm('Delete this chat and all its messages?')) return;
  const deleted = await attempt(() => deleteChat(conversation.sessionId), at('name'));
  if (!deleted) return;
  closeConversation();
  search.refresh();
  await readList();
});

at('earlier').addEventListener('click', async () => {
  const reader = conversation;
  const messages = await attempt(() => reader.readEarlier());
  if (!messages || reader.isClosed) return;
  at('messages').prepend(...messages.value.map(itemOf));
  at('earlier').hidden = !reader.hasEarlier;
});

at('more').addEventListener('click', () => readList(nextCursor));

at('export-button').addEventListener('click', async () => {
  const show = bytes => (at('export-status').textContent = `Exporting… ${(bytes / 1e6).toFixed(1)} MB`);
  show(0);
  const exported = await attempt(() => exportChats(show), at('export'));
  at('export-status').textContent = '';
  if (!exported) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(exported.value.file);
  link.download = exported.value.name;
  link.click();
  // A browser may open it only after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
});

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
