// The elements of messages.
import { render } from '/markdown.js';

/** Returns the element of a message. */
export function messageItem({ role, content, timestamp }) {
  const item = itemOf(role);
  item.append(role === 'assistant' ? textOf(content) : content, timeOf(timestamp));
  return item;
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
  const time = document.createElement('time');
  time.dateTime = timestamp;
  time.textContent = new Date(timestamp).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  return time;
}
