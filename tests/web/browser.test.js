// Tests the sample's page in Chromium. Orion has a different origin than the page.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, afterEach, before, test } from 'node:test';
import { holdsOnlySessionTokens, launch, visit } from './support/browser.js';
import { startModel } from './support/model.js';
import { freePort, startOrion, startSample } from './support/processes.js';
import { eventually } from './support/wait.js';

const started = [];
let browser;
let model;
let orion;
let sample;
let visits = [];

const keep = thing => (started.push(thing), thing);

/** Starts Orion and the sample. The origin of the sample is in ALLOWED_ORIGINS. */
async function startBoth(orionSettings = {}, sampleSettings = {}) {
  const port = await freePort();
  const service = keep(await startOrion({ ALLOWED_ORIGINS: `http://localhost:${port}`, ...model.settings, ...orionSettings }));
  return { orion: service, sample: keep(await startSample(service, { SAMPLE_PORT: String(port), ...sampleSettings })) };
}

async function openPage(origin = sample.origin, options = {}) {
  const visitor = await visit(browser, origin, options);
  visits.push(visitor);
  return visitor;
}

before(async () => {
  browser = await launch();
  model = keep(await startModel());
  ({ orion, sample } = await startBoth({ RATE_LIMIT_MAX_REQUESTS: '10000' }));
});

after(async () => {
  await browser?.close();
  for (const thing of started.reverse()) await thing.end();
});

const sessionsOf = async () => (await orion.api.listSessions({ limit: 200 })).value.sessions;

async function screenshot(page, name) {
  if (process.env.ORION_TEST_SCREENSHOTS) await page.screenshot({ path: `${process.env.ORION_TEST_SCREENSHOTS}/${name}.png` });
}

/** After every test: the page had no user token, and its scripts did not fail. */
afterEach(async () => {
  const all = visits;
  visits = [];
  for (const visitor of all) {
    await holdsOnlySessionTokens(visitor);
    assert.ok((await visitor.context.cookies()).every(cookie => cookie.httpOnly && cookie.sameSite === 'Strict'));
    assert.deepEqual(visitor.seen.errors, []);
    await visitor.context.close();
  }
});

test('Chats are listed, opened, named, written to and deleted through the page', async () => {
  const before = await orion.api.createSession({ title: 'From before', firstMessage: 'An old question' });
  await orion.api.appendMessage(before.value.sessionId, { role: 'assistant', content: 'An old answer' });
  const visitor = await openPage();
  const { page, messages, chat } = visitor;
  await visitor.signIn();

  await chat('From before').click();
  await messages.nth(1).waitFor();
  assert.match(await messages.nth(0).innerText(), /An old question/);
  assert.match(await messages.nth(1).innerText(), /An old answer/);

  const text = '<b>Bold?</b> & "quoted"\n<img src=x onerror="document.title=1">';
  await visitor.start(text);
  assert.ok((await messages.first().innerText()).startsWith(text));
  assert.match(await messages.nth(1).innerText(), /You said: Bold\? & "quoted"/);
  assert.equal(await page.getByLabel('Message', { exact: true }).inputValue(), '');
  // Orion names the chat after its first message.
  assert.ok((await page.getByLabel('Title', { exact: true }).inputValue()).startsWith('<b>Bold?</b>'));

  await page.getByLabel('Title', { exact: true }).fill('A better plan');
  await page.getByRole('button', { name: 'Rename' }).click();
  await chat('A better plan').waitFor();

  const stored = (await orion.api.listSessions()).value.sessions.find(session => session.title === 'A better plan');
  assert.deepEqual((await orion.api.listMessages(stored.sessionId)).value.messages.map(({ role, content }) => [role, content]), [
    ['user', text], ['assistant', `You said: ${text}`],
  ]);

  await chat('From before').click();
  await messages.nth(1).waitFor();
  await screenshot(page, 'chats');
  await chat('A better plan').click();
  await messages.nth(1).waitFor();
  await page.getByRole('button', { name: 'Delete' }).click();
  await chat('A better plan').waitFor({ state: 'detached' });
  assert.equal(await messages.count(), 0);
  const gone = await orion.api.getSession(stored.sessionId);
  assert.equal(gone.problem.error, 'session_not_found');

  await page.reload();
  await chat('From before').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  assert.equal(await page.locator('#list li').count(), 0);
});

test('A reply appears while the model writes it, and can be stopped', async () => {
  const visitor = await openPage();
  const { page, messages } = visitor;
  await visitor.signIn();
  await visitor.write('Forever');

  await eventually('some text is shown', async () => /3 /.test(await messages.nth(1).innerText()));
  const early = await messages.nth(1).innerText();
  await eventually('more text is shown', async () => (await messages.nth(1).innerText()).length > early.length + 5);
  await screenshot(page, 'streaming');
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('The reply was stopped.').waitFor();

  const { value: { sessions: [session] } } = await orion.api.listSessions({ limit: 1 });
  const [, stored] = (await orion.api.listMessages(session.sessionId)).value.messages;
  assert.equal(stored.metadata.finishReason, 'stopped');
  assert.equal(await messages.nth(1).locator('.text').innerText(), stored.content.trim());
});

test('A reply goes on while the page is reloaded, and is resumed', async () => {
  const visitor = await openPage();
  const { page, messages } = visitor;
  await visitor.signIn();
  await visitor.write('Count');
  await eventually('some text is shown', async () => (await messages.count()) === 2 && /2 /.test(await messages.nth(1).innerText()));

  await page.reload();
  await page.getByRole('button', { name: 'Stop' }).waitFor();
  await visitor.replied();

  assert.match(await messages.nth(1).innerText(), /^1 2 3 .* 19 20/);
  assert.equal(await messages.count(), 2);
  await page.reload();
  await messages.nth(1).waitFor();
  assert.match(await messages.nth(1).innerText(), /^1 2 3 .* 19 20/);
});

test('A reply that another page asked for is shown, and the typed text is kept', async () => {
  const visitor = await openPage();
  const { page, messages, chat } = visitor;
  await visitor.signIn();
  await visitor.start('Shared');
  const other = await visitor.context.newPage();
  await other.goto(page.url());
  await other.getByLabel('Message', { exact: true }).fill('Forever');
  await other.getByRole('button', { name: 'Send' }).click();
  await other.getByRole('button', { name: 'Stop' }).waitFor();

  await visitor.write('And this');
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('The reply was stopped.').waitFor();

  assert.equal(await page.getByLabel('Message', { exact: true }).inputValue(), 'And this');
  await page.getByRole('button', { name: 'Send' }).click();
  await messages.nth(5).waitFor();
  await visitor.replied();
  assert.match(await messages.nth(5).innerText(), /You said: And this/);
  await chat('Shared').waitFor();
  await other.close();
});

test('A failed reply is reported and can be tried again', async () => {
  const visitor = await openPage();
  const { page, messages } = visitor;
  await visitor.signIn();
  model.fails = 500;
  await visitor.write('Good morning');
  await page.getByText('The model is unavailable. Try again later.').waitFor();
  await screenshot(page, 'failed');

  // Also after a reload.
  await page.reload();
  await page.getByText('There is no reply.').waitFor();
  model.fails = undefined;
  await page.getByRole('button', { name: 'Try again' }).click();
  await messages.nth(1).waitFor();
  await visitor.replied();

  assert.match(await messages.nth(1).innerText(), /You said: Good morning/);
  assert.equal(await page.getByRole('button', { name: 'Try again' }).isVisible(), false);
  assert.equal(await messages.count(), 2);
});

test('The Markdown of a reply is rendered without scripts, images or styles', async () => {
  for (const [name, options] of [['markdown', {}], ['markdown-phone-dark', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }]]) {
    const visitor = await openPage(undefined, options);
    const { page, messages } = visitor;
    await visitor.signIn();
    await visitor.start('Markdown');

    const text = messages.nth(1).locator('.text');
    assert.deepEqual(await text.evaluate(element => [...new Set([...element.querySelectorAll('*')].map(({ localName }) => localName))].sort()), [
      'a', 'code', 'h2', 'li', 'ol', 'p', 'pre', 'strong', 'table', 'tbody', 'td', 'th', 'thead', 'tr',
    ]);
    assert.deepEqual(await text.evaluate(element => [...element.querySelectorAll('*')].flatMap(({ attributes }) => [...attributes].map(({ value }) => value))), [
      'https://example.com/page', '_blank', 'noopener noreferrer',
    ]);
    assert.equal(await page.title(), 'Chats');
    assert.ok(visitor.seen.sent.every(request => !request.startsWith('https:')), 'Nothing is loaded from elsewhere.');
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'The page fits.');
    await screenshot(page, name);
    if (options.viewport) {
      await page.getByRole('button', { name: 'Back to the chats' }).click();
      await visitor.chat('Markdown').first().waitFor();
      await screenshot(page, 'list-phone-dark');
    }
  }
});

test('The reasoning of a model is shown beside its reply', async () => {
  const visitor = await openPage();
  const { page, messages } = visitor;
  await visitor.signIn();
  await visitor.start('Think');

  assert.equal(await messages.nth(1).locator('.text').innerText(), 'Done.');
  await page.getByText('Reasoning').click();
  await page.getByText('First this, then that.').waitFor();
});

test('Longer lists and conversations are read page by page, searched and exported', async () => {
  const { value: { sessionId } } = await orion.api.createSession({ title: 'A long one' });
  for (let i = 1; i <= 105; i++) {
    await orion.api.appendMessage(sessionId, { role: 'user', content: `No. ${i}.${i === 3 ? ' <b>Käse</b>kuchen 🍰 für alle' : ''}` });
  }

  for (let i = 0; i < 52; i++) await orion.api.createSession({ title: `Filler ${i}` });
  const visitor = await openPage();
  const { page, messages, chat } = visitor;
  await visitor.signIn();

  await chat('Filler 51').waitFor();
  assert.equal(await page.locator('#list li').count(), 50);
  await page.getByRole('button', { name: 'Older chats' }).click();
  await chat('A long one').click();
  await eventually('the newest 100 messages are shown', async () => (await messages.count()) === 100);
  assert.match(await messages.first().innerText(), /^No\. 6\./);
  await page.getByRole('button', { name: 'Earlier messages' }).click();
  await eventually('all messages are shown', async () => (await messages.count()) === 105);
  assert.match(await messages.first().innerText(), /^No\. 1\./);
  await page.getByRole('button', { name: 'Earlier messages' }).waitFor({ state: 'hidden' });

  const { results, search, searchStatus } = visitor;
  await search('filler');
  await eventually('the first page is shown', async () => (await searchStatus.innerText()) === '20 results so far.');
  assert.match(await results.first().innerText(), /^Filler 51\s+Title · \w+/);
  const more = page.getByRole('button', { name: 'Load more' });
  await more.click();
  await eventually('the second page is shown', async () => (await results.count()) === 40);
  await more.click();
  await eventually('all results are shown', async () => (await searchStatus.innerText()) === '52 results.');
  assert.equal(await more.isVisible(), false);

  // The message is not among the newest 100.
  await page.getByRole('button', { name: 'New chat' }).click();
  await search('ALLE fur kase');
  await page.getByText('1 result.').waitFor();
  const snippet = results.first().locator('span');
  assert.equal(await snippet.innerText(), 'No. 3. <b>Käse</b>kuchen 🍰 für alle');
  assert.deepEqual(await snippet.locator('mark').allInnerTexts(), ['Käse', 'für', 'alle']);
  assert.match(await results.first().innerText(), /^A long one\s+You · /);
  await screenshot(page, 'search');
  await results.first().getByRole('button').click();
  await page.locator('#messages > li:focus').getByText('No. 3.').waitFor();
  assert.equal(await messages.count(), 105);
  await eventually('the message is visible', () => messages.nth(2).evaluate(item => {
    const { top, bottom } = item.getBoundingClientRect();
    return top > 0 && bottom < innerHeight;
  }));
  assert.equal(await page.getByLabel('Title', { exact: true }).inputValue(), 'A long one');

  await search('neverwritten');
  await page.getByText('Nothing found.').waitFor();
  await page.getByRole('searchbox').press('Escape');
  await chat('Filler 51').waitFor();
  assert.deepEqual([await page.getByRole('searchbox').inputValue(), await results.count()], ['', 0]);

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export all chats' }).click()]);
  assert.match(download.suggestedFilename(), /^orion-\d{4}-\d\d-\d\d\.ndjson$/);
  const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n').map(line => JSON.parse(line));
  const countOf = type => lines.filter(line => line.type === type).length;
  assert.deepEqual([lines[0].type, lines.at(-1).type], ['export', 'end']);
  assert.equal(countOf('session'), (await sessionsOf()).length);
  assert.ok(countOf('message') >= 105);
});

test('The results of a newer search win, some empty pages are passed over, and a failed search can be tried again', async () => {
  const visitor = await openPage();
  const { page, results, search, searchStatus } = visitor;
  await visitor.signIn();
  const session = { sessionId: '0190a5a0-0000-7000-8000-000000000000', title: 'A title', updatedAt: new Date().toISOString() };
  const pageOf = (snippet, more = {}) => ({ json: { results: snippet ? [{ session, snippet, highlights: [] }] : [], count: snippet ? 1 : 0, ...more } });
  let fails = true;
  let release;
  const released = new Promise(resolve => (release = resolve));
  const answers = {
    slow: async () => (await released, pageOf('slow')),
    quick: () => pageOf(undefined, { nextCursor: 'second' }),
    'quick second': () => pageOf(undefined, { nextCursor: 'third' }),
    'quick third': () => pageOf('quick', { indexing: true }),
    any: () => pageOf(undefined, { nextCursor: 'older' }),
    fails: () => (fails ? { status: 503, body: '' } : pageOf('works')),
  };
  await page.route('**/api/search?*', async route => {
    const { searchParams } = new URL(route.request().url());
    await route.fulfill(await (answers[[...searchParams.values()].join(' ')] ?? answers.any)()).catch(() => {});
  });

  const asked = page.waitForRequest(/q=slow/);
  await search('slow');
  await asked;
  await search('quick');
  await page.getByText('1 result. Older messages are still being indexed and may be missing.').waitFor();
  release();
  await search('fails');
  await page.getByRole('button', { name: 'Try again' }).waitFor();
  assert.match(await searchStatus.innerText(), /status 503/);
  assert.equal(await results.count(), 0);
  fails = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await results.getByText('works').waitFor();
  const requests = () => visitor.seen.sent.filter(request => request.includes('/api/search')).length;
  assert.equal(requests(), 6);
  await search('rare');
  await page.getByText('Nothing found in the newer messages.').waitFor();
  await page.getByRole('button', { name: 'Load more' }).waitFor();
  assert.equal(requests(), 6 + 5);
});

test('An edited message is asked again in one new chat, and the old one does not change', async () => {
  const visitor = await openPage();
  const { page, messages, notice } = visitor;
  const read = async sessionId => (await orion.api.listMessages(sessionId)).value.messages.map(({ content }) => content);
  const shownId = () => new URL(page.url()).hash.slice(1);
  await visitor.signIn();
  await visitor.start('First');
  await visitor.write('Second');
  await messages.nth(3).waitFor();
  await visitor.replied();
  const original = shownId();

  // The response is lost once.
  await page.route('**/edits', async route => (await route.fetch(), route.abort()), { times: 1 });
  await visitor.edit('Second', 'Another');
  await notice.waitFor();
  await screenshot(page, 'edit');
  await page.getByRole('button', { name: 'Ask in a new chat' }).click();
  await messages.getByText('You said: Another').waitFor();
  await visitor.replied();

  const fork = shownId();
  assert.notEqual(fork, original);
  assert.deepEqual(await read(original), ['First', 'You said: First', 'Second', 'You said: Second']);
  assert.deepEqual(await read(fork), ['First', 'You said: First', 'Another', 'You said: Another']);
  const titled = (await sessionsOf()).filter(({ title }) => title === 'First');
  assert.deepEqual(titled.map(({ sessionId }) => sessionId).sort(), [fork, original].sort());
  assert.equal(await page.getByLabel('Title', { exact: true }).inputValue(), 'First');

  await page.getByRole('button', { name: 'Edit “First”' }).click();
  await page.keyboard.press('Escape');
  assert.equal(await page.getByLabel('Edited message').count(), 0);
  await visitor.edit('First', 'From the beginning');
  await messages.getByText('You said: From the beginning').waitFor();
  await visitor.replied();
  assert.deepEqual(await read(shownId()), ['From the beginning', 'You said: From the beginning']);
  assert.equal((await read(fork)).length, 4);
});

test('A temporary chat shows when it is deleted, remains temporary when it is edited, and can be kept', async () => {
  const visitor = await openPage();
  const { page, messages, chat } = visitor;
  const stored = async () => (await orion.api.getSession(new URL(page.url()).hash.slice(1))).value;
  const shown = page.getByText(/^Temporary chat, deleted after/);
  await visitor.signIn();
  // Another new chat is created, but is no longer wanted.
  let release;
  const released = new Promise(resolve => (release = resolve));
  await page.route('**/api/chats', async route => (await released, route.continue()), { times: 1 });
  const created = page.waitForResponse(response => response.request().method() === 'POST' && response.url().endsWith('/api/chats'));
  await visitor.write('Normal');
  await page.getByRole('button', { name: 'Temporary chat' }).click();
  release();
  const { sessionId } = await (await created).json();
  await orion.api.deleteSession(sessionId);
  assert.equal(await shown.innerText(), 'Temporary chat, deleted after 24 hours.');
  await visitor.write('Passing');
  await messages.nth(1).waitFor();
  await visitor.replied();

  const original = await stored();
  assert.ok(Math.abs(Date.parse(original.expiresAt) - Date.parse(original.createdAt) - 24 * 3_600_000) < 60_000);
  const time = await page.evaluate(at => new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }), original.expiresAt);
  assert.equal(await shown.innerText(), `Temporary chat, deleted after ${time}.`);
  assert.equal(await chat('Passing').locator('.expiry').innerText(), `Deleted after ${time}`);
  await screenshot(page, 'temporary');

  await visitor.edit('Passing', 'By');
  await messages.getByText('You said: By').waitFor();
  await visitor.replied();
  assert.equal((await stored()).expiresAt, original.expiresAt);

  await page.getByRole('button', { name: 'Keep' }).click();
  await shown.waitFor({ state: 'hidden' });
  assert.equal((await stored()).expiresAt, undefined);
  await chat('By').locator('.expiry').waitFor({ state: 'detached' });
  await page.reload();
  await messages.nth(1).waitFor();
  assert.equal(await shown.isVisible(), false);
  await chat('Passing').click();
  await shown.waitFor();
  await page.getByRole('button', { name: 'New chat' }).click();
  assert.equal(await shown.isVisible(), false);
});

test('The page reads and writes directly in Orion, after a preflight request for its headers', async () => {
  const visitor = await openPage();
  const { seen } = visitor;
  await visitor.signIn();
  await visitor.start('Straight');
  await visitor.page.reload();
  await visitor.messages.nth(1).waitFor();

  const direct = seen.statuses.filter(({ url }) => url.startsWith(orion.url));
  assert.ok(direct.some(({ method, status }) => method === 'GET' && status === 200));
  assert.ok(direct.some(({ method, status }) => method === 'POST' && status === 200));

  const preflights = await visitor.preflights();
  const asked = preflights.map(({ headers }) => [headers['Access-Control-Request-Method'], headers['Access-Control-Request-Headers']]);
  assert.deepEqual(asked, [['POST', 'authorization,content-type,idempotency-key'], ['GET', 'authorization'], ['GET', 'authorization']]);
  assert.ok(preflights.every(({ status, url }) => status === 204 && url.startsWith(orion.url)));
});

test('No user token ever reaches the page', async () => {
  const visitor = await openPage();
  await visitor.signIn();
  await visitor.start('Secrets');

  const { held, received } = await holdsOnlySessionTokens(visitor);
  // Proves that the search finds existing tokens.
  assert.ok(held.length > 0 && received.length > 0);
});

test('A page whose origin is not in ALLOWED_ORIGINS shows an error and no data', async () => {
  await orion.api.createSession({ title: 'Not for everybody', firstMessage: 'Not for anybody' });
  const { value: { sessions: [session] } } = await orion.api.listSessions({ limit: 1 });
  const { value: { token } } = await orion.api.mintSessionToken(session.sessionId);
  const foreign = keep(await startSample(orion));
  const visitor = await openPage(foreign.origin);
  const { page, notice, seen } = visitor;
  await visitor.signIn();

  await notice.waitFor();
  assert.match(await notice.innerText(), /Orion rejects pages from http:\/\/localhost:\d+: the origin is not in ALLOWED_ORIGINS\./);
  assert.equal(await page.locator('#list li').count(), 0);

  // Even with a token, the page cannot read a response.
  const got = await page.evaluate(async ({ url, token }) => {
    const tries = [];
    for (const mode of ['cors', 'no-cors']) {
      tries.push(await fetch(url, { mode, headers: { Authorization: `Bearer ${token}` } }).then(response => response.text(), () => 'refused'));
    }

    return tries;
  }, { url: `${orion.url}/api/sessions/${session.sessionId}`, token });
  assert.deepEqual(got.map(text => text || 'refused'), ['refused', 'refused']);
  assert.deepEqual((await visitor.preflights()).map(({ status }) => status), [403]);
  assert.doesNotMatch((await Promise.all(seen.texts)).join('\n') + await page.content(), /Not for/);
});

test('A foreign page gets no data from the sample’s server, even with the cookie', async () => {
  const elsewhere = createServer((_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html>')).listen(0, 'localhost');
  await once(elsewhere, 'listening');
  keep({ end: () => new Promise(resolve => (elsewhere.closeAllConnections(), elsewhere.close(resolve))) });
  const visitor = await openPage();
  const { page } = visitor;
  await visitor.signIn();
  const countOf = async () => (await sessionsOf()).length;
  const before = await countOf();
  await page.goto(`http://localhost:${elsewhere.address().port}`);

  const { value: { sessions: [{ sessionId }] } } = await orion.api.listSessions({ limit: 1 });
  const got = await page.evaluate(async addresses => {
    const tries = [];
    for (const address of addresses) {
      for (const request of [{}, { mode: 'no-cors' }, { method: 'POST', mode: 'no-cors', body: '{"sequence":1,"content":"Forged"}' }]) {
        tries.push(await fetch(address, { credentials: 'include', ...request }).then(response => response.text(), () => ''));
      }
    }

    return tries.join('');
  }, ['chats', `chats/${sessionId}/edits`, 'search?q=a', 'export'].map(path => `${sample.origin}/api/${path}`));

  assert.equal(got, '');
  assert.equal(await countOf(), before);
});

test('A session token that expires while the page is open is renewed', async () => {
  const port = await freePort();
  const service = keep(await startOrion({ ALLOWED_ORIGINS: `http://localhost:${port}`, ...model.settings }));
  const brief = keep(await startSample(service, { SAMPLE_PORT: String(port), SESSION_TOKEN_SECONDS: '2' }));
  const visitor = await openPage(brief.origin);
  const { page, messages, notice, seen } = visitor;
  await visitor.signIn();
  await visitor.start('Slow');
  const minted = () => seen.statuses.filter(({ url, status }) => url.endsWith('/token') && status === 201).length;
  const before = minted();
  await page.waitForTimeout(3100);

  await visitor.write('Second');
  await messages.nth(3).waitFor();

  assert.ok(minted() > before);
  assert.equal(await notice.isVisible(), false);
  assert.ok(!seen.statuses.some(({ status }) => status === 401), 'It was renewed before it was refused.');
});

test('A session token that was revoked while the page is open is renewed, and the message is sent once', async () => {
  const visitor = await openPage();
  const { messages, notice, seen } = visitor;
  await visitor.signIn();
  await visitor.start('Revoked');
  await orion.api.revokeTokens();

  await visitor.write('Still here');
  await messages.nth(3).waitFor();

  assert.equal(seen.statuses.filter(({ status }) => status === 401).length, 1);
  assert.equal(await notice.isVisible(), false);
  await visitor.replied();
  const stored = (await orion.api.listSessions()).value.sessions.find(session => session.title === 'Revoked');
  assert.equal(stored.messageCount, 4);
});

test('The page reports an exhausted rate limit and an unavailable Orion, and keeps the typed text', async () => {
  const both = await startBoth({ RATE_LIMIT_MAX_REQUESTS: '5' });
  const visitor = await openPage(both.sample.origin);
  const { page, messages, notice } = visitor;
  const field = page.getByLabel('Message', { exact: true });
  await visitor.signIn();
  await visitor.start('No. 1');
  for (let number = 2; number <= 5; number++) {
    await visitor.write(`No. ${number}`);
    await messages.nth(2 * number - 1).waitFor();
    await visitor.replied();
  }

  await visitor.write('No. 6');
  await eventually('the message is rejected', () => visitor.seen.statuses.some(({ url, status }) => url.endsWith('/replies') && status === 429));
  await visitor.replied();
  assert.match(await notice.innerText(), /^Too many requests\. Try again in 15 minutes\.$/);
  assert.equal(await field.inputValue(), 'No. 6');
  assert.equal(await messages.count(), 10);
  await screenshot(page, 'refused');

  const rejected = path => eventually(`${path} is rejected`, () => visitor.seen.statuses.some(({ url, status }) => url.includes(path) && status === 429));
  page.on('download', () => assert.fail('An error is not a file.'));
  await page.getByRole('button', { name: 'Export all chats' }).click();
  await rejected('/api/export');
  await page.getByRole('button', { name: 'Export all chats' }).and(page.locator(':enabled')).waitFor();
  assert.match(await notice.innerText(), /^Too many requests\./);
  await visitor.search('No');
  await rejected('/api/search');
  await visitor.searchStatus.getByText(/^Too many requests\./).waitFor();

  await both.orion.end();
  await page.getByRole('button', { name: 'Send' }).click();
  await eventually('the page reports that Orion is unavailable', async () => /not reachable.*Try again/.test(await notice.innerText()));
  assert.equal(await field.inputValue(), 'No. 6');
});

test('The sample’s server passes an export on as fast as the page reads it, and breaks it off if Orion does', async () => {
  let written = 0;
  let left = false;
  let breaks = false;
  const fake = createServer(async (request, response) => {
    response.on('close', () => (left = true));
    response.writeHead(200, { 'Content-Type': 'application/x-ndjson', 'Content-Disposition': 'attachment; filename="orion-2026-01-02.ndjson"' });
    if (breaks) return response.write('{"type":"export"}\n', () => response.destroy());
    for (const chunk = Buffer.alloc(64 * 1024, '\n'); !left; written += chunk.length) {
      if (!response.write(chunk)) await once(response, 'drain', { signal: AbortSignal.timeout(30_000) }).catch(() => {});
    }
  }).listen(0, '127.0.0.1');
  await once(fake, 'listening');
  keep({ end: () => new Promise(resolve => (fake.closeAllConnections(), fake.close(resolve))) });
  const own = keep(await startSample({ ...orion, url: `http://127.0.0.1:${fake.address().port}` }));
  const headers = { Origin: own.origin };
  const send = (path, init = {}) => fetch(`${own.origin}/api/${path}`, { ...init, headers: { ...headers, ...init.headers } });
  assert.equal((await send('export')).status, 401);
  headers.Cookie = (await send('sign-in', { method: 'POST' })).headers.get('Set-Cookie').split(';')[0];

  const page = new AbortController();
  const endless = await send('export', { signal: page.signal });
  assert.equal(endless.headers.get('Content-Disposition'), 'attachment; filename="orion-2026-01-02.ndjson"');
  assert.equal(endless.headers.get('Content-Type'), 'application/x-ndjson');
  let before = -1;
  await eventually('Orion waits for the page', async () => {
    before = written;
    await new Promise(resolve => setTimeout(resolve, 300));
    return written > 0 && written === before;
  });
  page.abort();
  await eventually('Orion’s connection is closed', () => left);

  breaks = true;
  const broken = await send('export');
  assert.equal(broken.status, 200);
  await assert.rejects(broken.text());

  const large = await send('chats', { method: 'POST', body: JSON.stringify({ text: 'x'.repeat(1024 * 1024) }), headers: { 'Content-Type': 'application/json' } });
  assert.equal(large.status, 413);
  assert.equal((await large.json()).error, 'payload_too_large');
});

test('The page allows only its own scripts', async () => {
  const response = await fetch(sample.origin);
  const policy = response.headers.get('Content-Security-Policy');
  assert.match(policy, /^default-src 'none'; script-src 'self';/);
  assert.doesNotMatch(policy, /unsafe|\*|https?:(?!\/\/127\.0\.0\.1)/);
  for (const path of ['/server.js/../user-token.js', '/user-token.js', '/settings.js', '/client/../package.json', '/%2e%2e/server.js']) {
    const file = await fetch(`${sample.origin}${path}`);
    assert.ok(file.status === 404 || !/secret|createHmac/.test(await file.text()), path);
  }

  const rebound = await new Promise((resolve, reject) => {
    import('node:http').then(({ get }) => get(`${sample.origin}/api/me`, { headers: { Host: 'attacker.example.com' } }, resolve).on('error', reject));
  });
  assert.equal(rebound.statusCode, 403);
  rebound.resume();
});
