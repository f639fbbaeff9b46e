// Tests the sample's page in Chromium. Orion has a different origin than the page.
import assert from 'node:assert/strict';
import { once } from 'node:events';
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

test('Longer lists and conversations are read page by page', async () => {
  const { value: { sessionId } } = await orion.api.createSession({ title: 'A long one' });
  for (let i = 1; i <= 105; i++) await orion.api.appendMessage(sessionId, { role: 'user', content: `No. ${i}.` });
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
  const countOf = async () => (await orion.api.listSessions({ limit: 200 })).value.count;
  const before = await countOf();
  await page.goto(`http://localhost:${elsewhere.address().port}`);

  const got = await page.evaluate(async chats => {
    const tries = [];
    for (const request of [{}, { mode: 'no-cors' }, { method: 'POST', mode: 'no-cors', body: '{"title":"Forged"}' }]) {
      tries.push(await fetch(chats, { credentials: 'include', ...request }).then(response => response.text(), () => ''));
    }

    return tries;
  }, `${sample.origin}/api/chats`);

  assert.deepEqual(got, ['', '', '']);
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

  await both.orion.end();
  await page.getByRole('button', { name: 'Send' }).click();
  await eventually('the page reports that Orion is unavailable', async () => /not reachable.*Try again/.test(await notice.innerText()));
  assert.equal(await field.inputValue(), 'No. 6');
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
