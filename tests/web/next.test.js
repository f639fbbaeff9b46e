// Tests the production build of the Next.js sample in Chromium. Orion has a different origin than the page.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, test } from 'node:test';
import { holdsOnlySessionTokens, launch, visit } from './support/browser.js';
import { startModel } from './support/model.js';
import { startProvider } from './support/oidc.js';
import { buildNextSample, freePort, owner, startNextSample, startOrion } from './support/processes.js';
import { eventually } from './support/wait.js';

const started = [];
let browser;
let model;
let orion;
let provider;
let sample;
let development;
let visits = [];

const keep = thing => (started.push(thing), thing);

before(async () => {
  browser = await launch();
  model = keep(await startModel());
  provider = keep(await startProvider());
  const port = await freePort();
  development = await freePort();
  const origin = `http://localhost:${port}`;
  [orion] = await Promise.all([
    startOrion({ ALLOWED_ORIGINS: `${origin},http://localhost:${development}`, RATE_LIMIT_MAX_REQUESTS: '10000', ...model.settings, MODEL_NAMES: 'stand-in,second' }).then(keep),
    buildNextSample(),
  ]);
  sample = keep(await startNextSample(orion, 'start', port, {
    AUTH_SECRET: 'a-secret-for-tests-that-is-long-enough', AUTH_URL: origin, JWT_ISSUER: 'http://localhost:3000', ...provider.settings,
  }));
});

after(async () => {
  await browser?.close();
  for (const thing of started.reverse()) await thing.end();
});

afterEach(async () => {
  provider.user = undefined;
  model.fails = undefined;
  const all = visits;
  visits = [];
  for (const visitor of all) {
    await holdsOnlySessionTokens(visitor, { inMemory: false });
    assert.deepEqual(visitor.seen.errors, []);
    await visitor.context.close();
  }
});

async function screenshot(page, name) {
  if (process.env.ORION_TEST_SCREENSHOTS) await page.screenshot({ path: `${process.env.ORION_TEST_SCREENSHOTS}/next-${name}.png` });
}

/** Opens the page and signs in. */
async function open(options, origin = sample.origin, method = 'Example') {
  const visitor = await visit(browser, origin, options);
  visits.push(visitor);
  const { page, seen } = visitor;
  // The browser reports what the content security policy forbids.
  page.on('console', message => message.type() === 'error' && /Content Security Policy|hydrat/i.test(message.text()) && seen.errors.push(message.text()));
  provider.user = { email: owner, email_verified: true };
  await page.getByRole('button', { name: `Sign in with ${method}` }).click();
  await page.getByRole('heading', { name: 'How can I help?' }).waitFor();
  // The server has rendered the fields. React handles events only from the hydration on.
  const hydrated = () => page.waitForFunction(() => [...document.querySelectorAll('textarea')].some(field =>
    field.checkVisibility() && Object.keys(field).some(key => key.startsWith('__reactProps'))));
  await hydrated();
  const messages = page.locator('main .messages > .assistant, main .messages > .user > div').filter({ visible: true });
  const replied = () => page.getByRole('button', { name: 'Send' }).waitFor();
  return {
    ...visitor, messages, replied,
    list: page.getByRole('navigation', { name: 'Chats' }),
    title: page.getByRole('textbox', { name: 'Title' }),
    async write(text) {
      await hydrated();
      await page.getByRole('textbox', { name: 'Message' }).fill(text);
      await page.getByRole('button', { name: 'Send' }).click();
    },
    /** Starts a chat with its first message, and waits for the end of the reply. */
    async start(text) {
      await page.getByRole('link', { name: 'New chat' }).click();
      await page.getByRole('heading', { name: 'How can I help?' }).waitFor();
      await this.write(text);
      await messages.nth(1).waitFor();
      await replied();
    },
  };
}

const storedChat = async title => (await orion.api.listSessions({ archived: 'any' })).value.sessions.find(session => session.title === title);

test('A chat is started, continued, renamed, archived, restored and deleted', async () => {
  const visitor = await open();
  const { page, messages, list, title } = visitor;
  await visitor.start('Good morning');
  assert.match(await messages.nth(1).innerText(), /^You said: Good morning$/);
  await visitor.write('And again');
  await messages.nth(3).waitFor();
  await visitor.replied();
  assert.match(await messages.nth(3).innerText(), /You said: And again/);
  await list.getByRole('link', { name: 'Good morning' }).waitFor();
  await screenshot(page, 'chat');

  await title.fill('A better title');
  await title.press('Enter');
  await list.getByRole('link', { name: 'A better title' }).waitFor();
  const { sessionId } = await storedChat('A better title');

  await page.getByRole('button', { name: 'Archive', exact: true }).click();
  await list.getByRole('link', { name: 'A better title' }).waitFor({ state: 'detached' });
  await page.getByRole('heading', { name: 'How can I help?' }).waitFor();
  await page.getByRole('button', { name: 'Show archived' }).click();
  await list.getByRole('link', { name: 'A better title' }).click();
  await page.getByRole('button', { name: 'Restore' }).waitFor();
  assert.equal(await messages.count(), 4);
  assert.equal(await page.getByRole('textbox', { name: 'Message' }).count(), 0);
  await screenshot(page, 'archived');
  await page.getByRole('button', { name: 'Restore' }).click();
  await visitor.write('Restored');
  await messages.nth(5).waitFor();
  await visitor.replied();

  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('heading', { name: 'How can I help?' }).waitFor();
  assert.equal((await orion.api.getSession(sessionId)).problem.error, 'session_not_found');
});

test('A reply is streamed, and can be stopped', async () => {
  const visitor = await open();
  const { page, messages } = visitor;
  await visitor.write('Forever');
  await eventually('some text is shown', async () => (await messages.count()) === 2 && /3 /.test(await messages.nth(1).innerText()));
  await screenshot(page, 'streaming');
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('The reply was stopped.').waitFor();

  const { sessionId } = await storedChat('Forever');
  const [, stored] = (await orion.api.listMessages(sessionId)).value.messages;
  assert.equal(stored.metadata.finishReason, 'stopped');
  assert.equal(await messages.nth(1).innerText(), stored.content.trim());
});

test('A reply goes on while the page is reloaded, and can be stopped afterwards', async () => {
  const visitor = await open();
  const { page, messages } = visitor;
  await visitor.write('Count');
  await eventually('some text is shown', async () => (await messages.count()) === 2 && /2 /.test(await messages.nth(1).innerText()));
  await page.reload();
  await eventually('the reply is complete', async () => (await messages.count()) === 2 && /^1 2 3 .* 19 20$/.test(await messages.nth(1).innerText()));
  await visitor.replied();
  assert.equal(await messages.count(), 2);

  await visitor.write('Forever');
  await eventually('some text is shown', async () => (await messages.count()) === 4 && /2 /.test(await messages.nth(3).innerText()));
  await page.reload();
  await eventually('the reply goes on', async () => (await messages.count()) === 4 && /9 /.test(await messages.nth(3).innerText()));
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('The reply was stopped.').waitFor();
});

test('A reply goes on while another chat is open', async () => {
  const visitor = await open();
  const { page, messages, list } = visitor;
  await visitor.start('Another one');
  await page.getByRole('link', { name: 'New chat' }).click();
  await page.getByRole('heading', { name: 'How can I help?' }).waitFor();
  await visitor.write('Count on');
  await eventually('some text is shown', async () => (await messages.count()) === 2 && /2 /.test(await messages.nth(1).innerText()));
  await list.getByRole('link', { name: 'Another one' }).click();
  await page.getByText('You said: Another one').waitFor();
  await list.getByRole('link', { name: 'Count on' }).click();
  await eventually('the reply is complete', async () => (await messages.count()) === 2 && /^1 2 3 .* 19 20$/.test(await messages.nth(1).innerText()));
  await visitor.replied();

  await visitor.write('Forever');
  await messages.nth(3).waitFor();
  await list.getByRole('link', { name: 'Another one' }).click();
  await page.getByText('You said: Another one').waitFor();
  await list.getByRole('link', { name: 'Count on' }).click();
  await eventually('the reply goes on', async () => (await messages.count()) === 4 && /9 /.test(await messages.nth(3).innerText()));
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('The reply was stopped.').waitFor();
  const { sessionId } = await storedChat('Count on');
  assert.equal(await messages.nth(3).innerText(), (await orion.api.listMessages(sessionId)).value.messages.at(-1).content.trim());
});

test('A failed reply is reported and can be tried again, also after a reload', async () => {
  const visitor = await open();
  const { page, messages } = visitor;
  model.fails = 500;
  await visitor.write('Hello');
  await page.getByText('The model is unavailable. Try again later.').waitFor();
  await screenshot(page, 'failed');
  await page.reload();
  await page.getByText('There is no reply.').waitFor();
  model.fails = undefined;
  await page.getByRole('button', { name: 'Try again' }).click();
  await messages.nth(1).waitFor();
  await visitor.replied();
  assert.deepEqual(await messages.allInnerTexts(), ['Hello', 'You said: Hello']);
  assert.equal(await page.getByRole('button', { name: 'Try again' }).count(), 0);

  await visitor.write('Break');
  await page.getByText('Half a').waitFor();
  await page.getByRole('button', { name: 'Try again' }).waitFor();
  assert.match(await messages.last().innerText(), /^Half a/);
});

test('A message that did not reach Orion is sent again with Try again', async () => {
  const visitor = await open();
  const { page, messages } = visitor;
  await visitor.start('First');
  await page.route(`${orion.url}/**`, route => route.abort());
  await visitor.write('Second');
  await page.getByRole('button', { name: 'Try again' }).waitFor({ timeout: 60_000 });
  await page.unroute(`${orion.url}/**`);
  await page.getByRole('button', { name: 'Try again' }).click();
  await messages.nth(3).waitFor();
  await visitor.replied();
  assert.deepEqual(await messages.allInnerTexts(), ['First', 'You said: First', 'Second', 'You said: Second']);
  const { sessionId } = await storedChat('First');
  assert.equal((await orion.api.listMessages(sessionId)).value.messages.length, 4);
});

test('The model can be chosen', async () => {
  const visitor = await open();
  const { page } = visitor;
  await page.getByRole('combobox', { name: 'Model' }).selectOption('second');
  await visitor.start('Which model?');
  assert.equal(model.requests.at(-1).model, 'second');
  await visitor.write('And now?');
  await visitor.messages.nth(3).waitFor();
  assert.equal(model.requests.at(-1).model, 'second');
});

test('The Markdown of a reply is rendered without scripts, images or styles', async () => {
  for (const [name, options] of [['markdown', {}], ['markdown-phone-dark', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }]]) {
    const visitor = await open(options);
    const { page, messages, seen } = visitor;
    await visitor.write('Markdown');
    await messages.nth(1).waitFor();
    await visitor.replied();

    const reply = messages.nth(1);
    assert.deepEqual(await reply.evaluate(element => [...new Set([...element.querySelectorAll('*')].map(({ localName }) => localName))].sort()), [
      'a', 'code', 'h2', 'li', 'ol', 'p', 'pre', 'span', 'strong', 'table', 'tbody', 'td', 'th', 'thead', 'tr',
    ]);
    assert.deepEqual(await reply.evaluate(element => [...new Set([...element.querySelectorAll('*')].flatMap(({ attributes }) => [...attributes].map(a => a.name)))].sort()), [
      'class', 'href', 'rel', 'target',
    ]);
    assert.deepEqual(await reply.locator('a').evaluateAll(links => links.map(link => link.getAttribute('href'))), ['https://example.com/page']);
    assert.equal(await page.title(), 'Chats');
    assert.ok(seen.sent.every(request => !request.startsWith('https:')), 'Nothing is loaded from elsewhere.');
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'The page fits.');
    await screenshot(page, name);
    if (options.viewport) {
      await page.getByRole('button', { name: 'Chats', exact: true }).click();
      await visitor.list.getByRole('link', { name: 'Markdown' }).first().waitFor();
      await screenshot(page, 'list-phone-dark');
      await page.getByRole('link', { name: 'New chat' }).click();
      await page.getByRole('heading', { name: 'How can I help?' }).waitFor();
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'The page fits.');
      await screenshot(page, 'new-phone-dark');
    }
  }
});

test('Longer lists and conversations are read page by page', async () => {
  const { value: { sessionId } } = await orion.api.createSession({ title: 'A long one' });
  for (let i = 1; i <= 105; i++) await orion.api.appendMessage(sessionId, { role: 'user', content: `No. ${i}.` });
  for (let i = 0; i < 52; i++) await orion.api.createSession({ title: `Filler ${i}` });
  const visitor = await open();
  const { page, messages, list } = visitor;

  await list.getByRole('link', { name: 'Filler 51' }).waitFor();
  assert.equal(await list.getByRole('listitem').count(), 50);
  await page.getByRole('button', { name: 'Older chats' }).click();
  await list.getByRole('link', { name: 'A long one' }).click();
  await eventually('the newest 100 messages are shown', async () => (await messages.count()) === 100);
  assert.equal(await messages.first().innerText(), 'No. 6.');
  await screenshot(page, 'long');
  await page.getByRole('button', { name: 'Earlier messages' }).click();
  await eventually('all messages are shown', async () => (await messages.count()) === 105);
  assert.equal(await messages.first().innerText(), 'No. 1.');
});

test('What was said is found, and opens at its message', async () => {
  const { value: { sessionId } } = await orion.api.createSession({ title: 'Constellations' });
  const texts = { 1: 'Comets have tails.', 12: '👋🏽 The belt of Orión has three stars.' };
  for (let i = 1; i <= 130; i++) {
    await orion.api.appendMessage(sessionId, { role: i % 2 ? 'user' : 'assistant', content: texts[i] ?? `No. ${i}.` });
  }

  await orion.api.createSession({ title: 'Another belt', firstMessage: 'Hello' });
  const archived = (await orion.api.createSession({ title: 'Old', firstMessage: 'My belt is brown.' })).value;
  await orion.api.changeSession(archived.sessionId, { archived: true });
  const visitor = await open();
  const { page, messages, list } = visitor;
  const field = list.getByRole('searchbox', { name: 'Search all chats' });
  const results = list.getByRole('list', { name: 'Search results' }).getByRole('listitem');

  await field.pressSequentially('belt or');
  await eventually('one result is shown', async () => (await results.count()) === 1 && /three stars/.test(await results.innerText()));
  assert.match(await results.innerText(), /^Constellations\s+Reply · \w+ \d+, \d{4}.*\s+👋🏽 The belt of Orión has three stars\.$/s);
  assert.deepEqual(await results.locator('mark').allInnerTexts(), ['belt', 'Orión']);
  await field.fill('belt');
  await eventually('all results are shown', async () => (await results.count()) === 3);
  assert.match(await results.nth(0).innerText(), /^Old\s+You · .* · archived\s+My belt is brown\.$/s);
  assert.match(await results.nth(1).innerText(), /^Another belt\s+Title · /);
  await screenshot(page, 'search');

  await results.nth(2).getByRole('link').click();
  const opens = text => eventually('the message is shown and focused', () => page.evaluate(text => {
    const { top, bottom } = document.activeElement.getBoundingClientRect();
    return document.activeElement.matches('.messages > [aria-current]') && document.activeElement.innerText.includes(text) && top > 0 && bottom < innerHeight;
  }, text));
  await opens('three stars');
  assert.equal(await messages.count(), 129);
  await screenshot(page, 'search-opened');
  // Continues with the next older messages.
  await field.fill('comets');
  await results.getByText('tails').click();
  await opens('tails');
  assert.deepEqual((await messages.allInnerTexts()).slice(0, 3), ['Comets have tails.', 'No. 2.', 'No. 3.']);
  assert.equal(await messages.count(), 130);

  await field.fill('quasar');
  await list.getByText('Nothing found.').waitFor();
  await page.route('**/api/search?*', route => route.fulfill({ json: { results: [], count: 0, indexing: true } }));
  await field.fill('pulsar');
  await list.getByText('Older messages are still being prepared').waitFor();
  await page.unroute('**/api/search?*');
  await page.route('**/api/search?*', route => route.abort());
  await field.fill('Another');
  await list.getByRole('alert').waitFor();
  await screenshot(page, 'search-failed');
  await page.unroute('**/api/search?*');
  await list.getByRole('button', { name: 'Search again' }).click();
  await results.getByText('Another belt').waitFor();

  await field.press('Escape');
  await list.getByRole('link', { name: 'Another belt' }).waitFor();
  assert.equal(await field.inputValue(), '');
});

test('Many results are read page by page', async () => {
  const { value: { sessionId } } = await orion.api.createSession({ title: 'Numbers' });
  for (let i = 1; i <= 25; i++) await orion.api.appendMessage(sessionId, { role: 'user', content: `Number ${i} of many.` });
  const visitor = await open({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
  const { page, list } = visitor;
  const results = list.getByRole('list', { name: 'Search results' }).getByRole('listitem');

  await page.getByRole('button', { name: 'Chats', exact: true }).click();
  await list.getByRole('searchbox').fill('"of many"');
  await eventually('the first results are shown', async () => (await results.count()) === 20);
  await list.getByRole('button', { name: 'Search further' }).click();
  await eventually('all results are shown', async () => (await results.count()) === 25);
  await results.last().scrollIntoViewIfNeeded();
  await screenshot(page, 'search-phone-dark');
  await results.last().getByRole('link').click();
  await page.locator('[aria-current=true]').getByText('Number 1 of many.').waitFor();
  assert.equal(await list.isVisible(), false);
});

test('A message is edited in one new chat, which opens unless another one has been opened; the old chat stays', async () => {
  const visitor = await open();
  const { page, messages, list, replied } = visitor;
  const editOf = index => messages.nth(index).locator('..').getByRole('button', { name: 'Edit' });
  const field = page.getByRole('textbox', { name: 'Edited message' });
  await visitor.start('How far is the moon?');
  await visitor.write('And the sun?');
  await messages.nth(3).waitFor();
  await replied();
  const original = page.url();

  await editOf(2).click();
  assert.equal(await field.inputValue(), 'And the sun?');
  await field.press('Escape');
  await page.keyboard.press('Enter');
  await field.fill('And Mars?');
  await screenshot(page, 'edit');
  await page.getByRole('button', { name: 'Ask again' }).dblclick();
  await page.waitForURL(url => url.href !== original);
  await eventually('the reply is shown', async () => (await messages.count()) === 4 && /You said: And Mars\?/.test(await messages.nth(3).innerText()));
  await replied();
  await list.getByRole('link', { name: 'How far is the moon? edited' }).waitFor();
  await screenshot(page, 'edited');
  const fork = page.url();

  await editOf(0).click();
  await field.fill('How big is the moon?');
  await field.press('Enter');
  await page.waitForURL(url => url.href !== fork);
  await eventually('the reply is shown', async () => (await messages.count()) === 2 && /You said: How big/.test(await messages.nth(1).innerText()));
  await replied();

  const chats = (await orion.api.listSessions()).value.sessions.filter(({ title }) => /the moon\?$/.test(title));
  const contents = [];
  for (const { sessionId } of chats) contents.push((await orion.api.listMessages(sessionId)).value.messages.filter(({ role }) => role === 'user').map(({ content }) => content));
  assert.deepEqual(contents, [['How big is the moon?'], ['How far is the moon?', 'And Mars?'], ['How far is the moon?', 'And the sun?']]);
  const third = page.url();
  await page.goto(original);
  await editOf(2).waitFor();
  assert.equal(await messages.count(), 4);

  let release;
  const released = new Promise(resolve => (release = resolve));
  await page.route(original, async route => (route.request().method() === 'POST' && await released, route.continue()));
  await editOf(2).click();
  await field.fill('And Venus?');
  await page.getByRole('button', { name: 'Ask again' }).click();
  await page.getByRole('button', { name: 'Cancel' }).and(page.locator(':disabled')).waitFor();
  await list.getByRole('link', { name: 'How big is the moon?' }).click();
  await page.waitForURL(third);
  release();
  await eventually('the list is read again', async () => (await list.getByRole('link', { name: 'How far is the moon? edited' }).count()) === 2);
  assert.equal(page.url(), third);
});

test('An edit that fails is reported, keeps its text, and can be sent again', async () => {
  const visitor = await open({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
  const { page, messages, replied } = visitor;
  await visitor.write('Is it far?');
  await messages.nth(1).waitFor();
  await replied();
  const original = page.url();
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('textbox', { name: 'Edited message' }).fill('Is it near?');
  await page.route(original, route => (route.request().method() === 'POST' ? route.abort() : route.continue()));
  await page.getByRole('button', { name: 'Ask again' }).click();
  await page.getByText('The server is unreachable.').waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'The page fits.');
  await screenshot(page, 'edit-phone-dark');
  await page.unroute(original);
  await page.getByRole('button', { name: 'Ask again' }).click();
  await page.waitForURL(url => url.href !== original);
  await eventually('the reply is shown', async () => /You said: Is it near\?/.test((await messages.allInnerTexts())[1]));
});

test('A temporary chat shows when it is deleted, and can be kept', async () => {
  const visitor = await open();
  const { page, list, messages, replied } = visitor;
  await page.getByRole('switch', { name: 'Temporary chat' }).check();
  await screenshot(page, 'new-temporary');
  await visitor.write('A surprise');
  await messages.nth(1).waitFor();
  await replied();
  const note = page.getByText(/Temporary chat, deleted after \w+ \d+, \d{4}/);
  await note.waitFor();
  const { expiresAt, sessionId } = await storedChat('A surprise');
  const hours = (Date.parse(expiresAt) - Date.now()) / 3_600_000;
  assert.ok(hours > 23 && hours <= 24, `${hours} hours`);
  await list.getByRole('link', { name: 'A surprise temporary' }).waitFor();
  await screenshot(page, 'temporary');

  await page.getByRole('button', { name: 'Keep' }).click();
  await note.waitFor({ state: 'detached' });
  await list.getByRole('link', { name: 'A surprise', exact: true }).waitFor();
  assert.equal((await orion.api.getSession(sessionId)).value.expiresAt, undefined);
});

test('All chats are exported', async () => {
  await orion.api.createSession({ title: 'To be exported', firstMessage: 'Grüße 👋' });
  const visitor = await open();
  const { page } = visitor;
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  const file = await download;
  const lines = (await readFile(await file.path(), 'utf8')).trimEnd().split('\n').map(line => JSON.parse(line));
  assert.match(file.suggestedFilename(), /^orion-\d{4}-\d\d-\d\d\.ndjson$/);
  assert.deepEqual([lines[0].type, lines.at(-1).type], ['export', 'end']);
  assert.ok(lines.some(({ content }) => content === 'Grüße 👋'));

  const problem = { type: 'about:blank', title: 'Too Many Requests', status: 429, detail: 'No.', instance: '/api/export', error: 'rate_limited', requestId: 'r' };
  await page.route('**/api/export', route => route.fulfill({ status: 429, headers: { 'Retry-After': '600' }, json: problem }));
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByText('Too many requests. Try again in 10 minutes.').waitFor();
  await screenshot(page, 'export-failed');
});

test('The page talks to Orion with session tokens, and user tokens never reach it', async () => {
  const visitor = await open();
  await visitor.start('Secrets');
  await visitor.page.reload();
  await visitor.messages.nth(1).waitFor();

  assert.ok(visitor.seen.statuses.some(({ method, url, status }) => method === 'POST' && url.startsWith(orion.url) && status === 200));
  await visitor.write('And more');
  await visitor.messages.nth(3).waitFor();
  const { held, received } = await holdsOnlySessionTokens(visitor);
  // Proves that the search finds existing tokens.
  assert.ok(held.length > 0 && received.length > 0);
  const cookies = await visitor.context.cookies(sample.origin);
  assert.ok(cookies.length > 0 && cookies.every(cookie => cookie.httpOnly && cookie.sameSite === 'Lax'));
});

test('Only a signed-in user with a verified address gets in, and only this page gets tokens', async () => {
  const visitor = await visit(browser, sample.origin);
  visits.push(visitor);
  const { page } = visitor;
  await page.getByRole('button', { name: 'Sign in with Example' }).waitFor();
  await screenshot(page, 'sign-in');
  // The demo user is only in `next dev`.
  assert.equal(await page.getByRole('button').count(), 1);
  provider.user = { email: owner, email_verified: false };
  await page.getByRole('button', { name: 'Sign in with Example' }).click();
  await page.getByText('The e-mail address of this account is not verified.').waitFor();
  await page.goto(sample.origin);
  await page.getByRole('button', { name: 'Sign in with Example' }).waitFor();

  const { value: { sessionId } } = await orion.api.createSession({ title: 'Not for everybody' });
  const token = `${sample.origin}/api/chats/${sessionId}/token`;
  assert.equal((await fetch(token, { method: 'POST', headers: { 'Sec-Fetch-Site': 'same-origin' } })).status, 401);
  const signedIn = await open();
  const post = site => signedIn.context.request.post(token, { headers: { 'Sec-Fetch-Site': site } });
  assert.equal((await post('same-origin')).status(), 201);
  assert.equal((await post('same-site')).status(), 403);
  assert.equal((await post('cross-site')).status(), 403);
  for (const route of ['/api/search?q=everybody', '/api/export']) {
    assert.equal((await fetch(sample.origin + route, { headers: { 'Sec-Fetch-Site': 'same-origin' } })).status, 401);
    const get = site => signedIn.context.request.get(sample.origin + route, { headers: { 'Sec-Fetch-Site': site } });
    assert.equal((await get('same-origin')).status(), 200);
    assert.equal((await get('none')).status(), 403);
    assert.equal((await get('cross-site')).status(), 403);
  }

  await signedIn.page.getByRole('button', { name: 'Sign out' }).click();
  await signedIn.page.getByRole('button', { name: 'Sign in with Example' }).waitFor();
  assert.equal((await post('same-origin')).status(), 401);
  assert.equal((await signedIn.page.content()).includes('Not for everybody'), false);
});

test('A user who is not on Orion’s list sees an error and no chats', async () => {
  const visitor = await visit(browser, sample.origin);
  visits.push(visitor);
  provider.user = { email: 'stranger@example.com', email_verified: true };
  await visitor.page.getByRole('button', { name: 'Sign in with Example' }).click();
  await visitor.page.getByText('You are not on Orion’s allow-list.').waitFor();
  await screenshot(visitor.page, 'stranger');
  assert.equal(await visitor.page.getByRole('navigation').getByRole('listitem').count(), 0);
});

test('A chat that does not exist is reported', async () => {
  const visitor = await open();
  for (const id of ['00000000-0000-7000-8000-000000000000', 'nothing']) {
    await visitor.page.goto(`${sample.origin}/chats/${id}`);
    await visitor.page.getByText('This chat does not exist.').waitFor();
  }
});

test('The development server signs in the demo user, and needs no settings of Auth.js', async () => {
  const server = keep(await startNextSample(orion, 'dev', development, {}));
  const visitor = await open({}, server.origin, 'the demo user');
  await visitor.write('Hello');
  await visitor.messages.nth(1).waitFor();
  await visitor.replied();
  assert.deepEqual(await visitor.messages.allInnerTexts(), ['Hello', 'You said: Hello']);
  await screenshot(visitor.page, 'development');
});
