// The search in all chats.
import { splitSnippet } from '/client/index.js';
import { search } from '/server.js';

// Each search is a request of the rate limit.
const waitMilliseconds = 300;
const maxPages = 5;

const roles = { user: 'You', assistant: 'Reply' };

const at = id => document.getElementById(id);

export class Search {
  #onOpen;
  #onProblem;
  #query = '';
  #timer;
  #running = new AbortController();
  /** Continues the search. */
  #continue;

  /**
   * @param onOpen Gets the result that the user chooses.
   * @param onProblem Gets the problem of a search, and returns the text for the user.
   */
  constructor(onOpen, onProblem) {
    this.#onOpen = onOpen;
    this.#onProblem = onProblem;
    at('query').addEventListener('input', () => this.#type());
    at('query').addEventListener('keydown', event => {
      if (event.key === 'Escape') this.clear();
    });
    at('search').addEventListener('submit', event => {
      event.preventDefault();
      this.refresh();
    });
    at('more-results').addEventListener('click', () => this.#continue());
  }

  /** Ends the search, and shows the list of chats again. */
  clear() {
    at('query').value = '';
    this.#type();
  }

  /** Searches now, for example because the chats have changed. */
  refresh() {
    if (!this.#query) return;
    this.#stop();
    void this.#read(undefined, items => at('results').replaceChildren(...items));
  }

  #type() {
    const query = at('query').value.trim();
    if (query === this.#query) return;
    this.#stop();
    this.#query = query;
    at('found').hidden = !query;
    at('all').hidden = Boolean(query);
    if (query) this.#timer = setTimeout(() => this.refresh(), waitMilliseconds);
    else at('results').replaceChildren();
    this.#show(query ? 'Searching…' : '');
  }

  /** Stops the search, so that a late response cannot replace the results of a newer search. */
  #stop() {
    clearTimeout(this.#timer);
    this.#running.abort();
  }

  async #read(cursor, add) {
    const { signal } = (this.#running = new AbortController());
    this.#show('Searching…');
    let page;
    let pages = 0;
    do {
      const result = await search(this.#query, cursor, signal);
      if (signal.aborted) return;
      if (!result.ok) {
        add([]);
        return this.#show(this.#onProblem(result.problem), 'Try again', () => this.#read(cursor, add));
      }

      page = result.value;
      cursor = page.nextCursor;
      // A page can be empty although there are further ones.
    } while (page.results.length === 0 && cursor && ++pages < maxPages);

    add(page.results.map(result => this.#item(result)));
    this.#show(summaryOf(page), 'Load more', cursor && (() => this.#read(cursor, addMore)));
  }

  #show(text, label, action) {
    at('found-status').textContent = text;
    at('more-results').textContent = label ?? '';
    at('more-results').hidden = !action;
    this.#continue = action;
  }

  #item(result) {
    const { session, message } = result;
    const about = document.createElement('small');
    const time = document.createElement('time');
    time.dateTime = message?.timestamp ?? session.updatedAt;
    time.textContent = new Date(time.dateTime).toLocaleDateString(undefined, { dateStyle: 'medium' });
    about.append(message ? roles[message.role] : 'Title', ' · ', time);
    const button = document.createElement('button');
    button.type = 'button';
    button.append(elementOf('strong', message ? session.title : markedOf(result)), about);
    if (message) button.append(elementOf('span', markedOf(result)));
    button.dataset.id = session.sessionId;
    button.addEventListener('click', () => {
      for (const other of at('results').querySelectorAll('[aria-current]')) other.ariaCurrent = null;
      this.#onOpen(result);
      button.ariaCurrent = 'true';
    });
    const item = document.createElement('li');
    item.append(button);
    return item;
  }
}

function addMore(items) {
  at('results').append(...items);
  // The button that had the focus may be hidden.
  if (document.activeElement === document.body) items[0]?.querySelector('button').focus();
}

function summaryOf({ nextCursor, indexing }) {
  const count = at('results').childElementCount;
  let found = `${count} ${count === 1 ? 'result' : 'results'}${nextCursor ? ' so far' : ''}.`;
  if (count === 0) found = nextCursor ? 'Nothing found in the newer messages.' : 'Nothing found.';
  return indexing ? `${found} Older messages are still being indexed and may be missing.` : found;
}

function elementOf(name, content) {
  const element = document.createElement(name);
  element.append(content);
  return element;
}

/** Returns the snippet of a result with its matches in `mark` elements. */
function markedOf(result) {
  const fragment = document.createDocumentFragment();
  fragment.append(...splitSnippet(result).map(({ text, isMatch }) => (isMatch ? elementOf('mark', text) : text)));
  return fragment;
}
