import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { eventually } from './wait.js';

const places = [process.env.ORION_TEST_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync',
];

/** Chromium from the system's package. */
export function launch() {
  const executablePath = places.find(place => place && existsSync(place));
  assert.ok(executablePath, 'There is no Chromium: apt-get install chromium, or say where it is in ORION_TEST_CHROMIUM.');
  return chromium.launch({ executablePath, headless: true, args: flags });
}

/** Opens the sample's page in a separate browser context, and records its traffic. */
export async function visit(browser, origin, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const seen = { preflights: [], texts: [], sent: [], errors: [], statuses: [] };

  page.on('pageerror', error => seen.errors.push(error.message));
  page.on('dialog', dialog => dialog.accept());
  page.on('request', request => seen.sent.push(`${request.url()}\n${request.postData() ?? ''}`));
  page.on('response', response => {
    seen.statuses.push({ method: response.request().method(), url: response.url(), status: response.status() });
    seen.texts.push(response.text().catch(() => ''), response.allHeaders().then(JSON.stringify).catch(() => ''));
  });
  const cdp = await context.newCDPSession(page);
  await cdp.send('Network.enable');
  cdp.on('Network.requestWillBeSent', ({ request, requestId }) => {
    if (request.method === 'OPTIONS') seen.preflights.push({ id: requestId, url: request.url, headers: request.headers });
  });
  const statuses = new Map();
  cdp.on('Network.responseReceived', ({ requestId, response }) => statuses.set(requestId, response.status));

  await page.goto(origin);
  return {
    page, cdp, seen, context,
    notice: page.getByRole('alert'),
    messages: page.locator('#messages > li'),
    chat: title => page.locator('#list button', { has: page.getByText(title, { exact: true }) }),
    results: page.locator('#results > li'),
    searchStatus: page.locator('#found-status'),
    search: text => page.getByRole('searchbox', { name: 'Search' }).fill(text),
    /** Edits a message of the user, and sends it. */
    async edit(text, edited) {
      await page.getByRole('button', { name: `Edit “${text}”` }).click();
      await page.getByLabel('Edited message').fill(edited);
      // A second click does nothing.
      await page.getByRole('button', { name: 'Ask in a new chat' }).dblclick();
    },
    async signIn() {
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText(/^you@example\.com$/).waitFor();
    },
    /** Starts a chat with its first message, and waits for the end of the reply. */
    async start(text) {
      await page.getByRole('button', { name: 'New chat' }).click();
      await this.write(text);
      await this.messages.nth(1).waitFor();
      await this.replied();
    },
    /** Waits until no reply is coming. */
    async replied() {
      await page.getByRole('button', { name: 'Send' }).and(page.locator(':enabled')).waitFor();
    },
    /** The preflight requests so far. The page can show one response while another preflight is under way: waits for all of them. */
    async preflights() {
      await eventually('each preflight request has a response', () => seen.preflights.every(({ id }) => statuses.has(id)));
      return seen.preflights.map(({ id, ...request }) => ({ ...request, status: statuses.get(id) }));
    },
    async write(text) {
      await page.getByLabel('Message', { exact: true }).fill(text);
      await page.getByRole('button', { name: 'Send' }).click();
    },
    async heap() {
      let text = '';
      const collect = ({ chunk }) => (text += chunk);
      cdp.on('HeapProfiler.addHeapSnapshotChunk', collect);
      await cdp.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
      cdp.off('HeapProfiler.addHeapSnapshotChunk', collect);
      return text;
    },
  };
}

/** Checks that no other token than session tokens is in the page's storage, cookies and traffic, and in its memory, which takes a second. */
export async function holdsOnlySessionTokens({ page, context, seen, heap }, { inMemory = true } = {}) {
  const storage = await page.evaluate(async () => JSON.stringify([
    { ...localStorage }, { ...sessionStorage }, document.cookie, await indexedDB.databases(), await caches.keys(), document.documentElement.outerHTML,
    history.state, window.name,
  ]));
  assert.deepEqual(tokensIn(storage + JSON.stringify(await context.cookies())), []);

  const held = inMemory ? tokensIn(await heap()) : [];
  const received = tokensIn((await Promise.all(seen.texts)).join('\n'));
  for (const claims of [...held, ...received]) assert.equal(typeof claims.sid, 'string', `A token without a session: ${JSON.stringify(claims)}`);
  assert.deepEqual(tokensIn(seen.sent.join('\n')), [], 'No token is in an address or a body.');
  return { held, received };
}

/** Returns the claims of every JWT in a text. */
export const tokensIn = text => [...text.matchAll(/eyJ[\w-]+\.(eyJ[\w-]+)\.[\w-]+/g)].map(([, claims]) => JSON.parse(Buffer.from(claims, 'base64url')));
