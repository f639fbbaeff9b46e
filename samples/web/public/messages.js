// The elements of messages.
import { render } from '/markdown.js';

/**
 * Returns the element of a message.
 * @param ask Gets a message of the user, its edited text, and the form, which is disabled meanwhile.
 */
export function messageItem(message, ask) {
  const { role, content, timestamp, sequence } = message;
  const item = itemOf(role);
  if (sequence) item.dataset.sequence = sequence;
  item.append(role === 'assistant' ? textOf(content) : content, timeOf(timestamp));
  if (role === 'user') item.lastChild.append(editButton(item, message, ask));
  return item;
}

function editButton(item, message, ask) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'edit';
  button.textContent = 'Edit';
  button.ariaLabel = `Edit “${message.content.slice(0, 50)}”`;
  button.addEventListener('click', () => {
    const shown = [...item.childNodes];
    item.replaceChildren(editForm(message, ask, () => {
      item.replaceChildren(...shown);
      button.focus();
    }));
    item.querySelector('textarea').focus();
  });
  return button;
}

function editForm(message, ask, close) {
  const form = document.createElement('form');
  const text = Object.assign(document.createElement('textarea'), {
    value: message.content,
    ariaLabel: 'Edited message',
    maxLength: 100_000,
    required: true,
    rows: Math.min(10, message.content.split('\n').length + 1),
  });
  const hint = Object.assign(document.createElement('small'), { className: 'faint', textContent: 'This chat stays as it is.' });
  const cancel = Object.assign(document.createElement('button'), { type: 'button', textContent: 'Cancel' });
  const send = Object.assign(document.createElement('button'), { className: 'primary', textContent: 'Ask in a new chat' });
  form.append(text, hint, cancel, send);
  cancel.addEventListener('click', close);
  onEnter(text, () => form.requestSubmit());
  text.addEventListener('keydown', event => {
    if (event.key === 'Escape') close();
  });
  form.addEventListener('submit', event => {
    event.preventDefault();
    void ask(message, text.value, form);
  });
  return form;
}

/** Enter sends; with Shift, it begins a line. */
export function onEnter(text, send) {
  text.addEventListener('keydown', event => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  });
}

/** Shows a reply while it is streamed. Renders at most once for each frame of the screen. */
export class ReplyItem {
  element = itemOf('assistant');
  #text = textOf('');
  #reasoning = document.createElement('details');
  #reply;
  #rendering = 0;

  constructor() {
    const summary = document.createElement('summary');
    summary.textContent = 'Reasoning';
    this.#reasoning.append(summary, '');
    this.#reasoning.hidden = true;
    // Screen readers read the reply when it is complete.
    this.element.ariaBusy = 'true';
    this.element.append(this.#reasoning, this.#text);
  }

  show(reply, onRendered) {
    this.#reply = reply;
    this.#rendering ||= requestAnimationFrame(() => {
      this.#render();
      onRendered();
    });
  }

  /** Ends the streaming. Returns false if there is nothing to show. */
  end() {
    cancelAnimationFrame(this.#rendering);
    this.#render();
    this.element.ariaBusy = null;
    if (this.#reply.text) this.element.append(timeOf(new Date().toISOString()));
    return Boolean(this.#reply.text || this.#reply.reasoning);
  }

  #render() {
    this.#rendering = 0;
    const { text, reasoning } = this.#reply;
    this.#text.replaceChildren(render(text));
    this.#reasoning.lastChild.textContent = reasoning;
    this.#reasoning.hidden = !reasoning;
  }
}

function itemOf(role) {
  const item = document.createElement('li');
  item.dataset.role = role;
  return item;
}

function textOf(markdown) {
  const text = document.createElement('div');
  text.className = 'text';
  text.append(render(markdown));
  return text;
}

function timeOf(timestamp) {
  const line = document.createElement('p');
  const time = document.createElement('time');
  time.dateTime = timestamp;
  time.textContent = timeText(timestamp);
  line.className = 'about';
  line.append(time);
  return line;
}

/** Returns a time as the user writes it. */
export const timeText = timestamp => new Date(timestamp).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
