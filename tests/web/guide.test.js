// Extracts the code blocks of docs/frontend.md, compiles them with `strict`, and runs them with Orion.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { launch } from './support/browser.js';
import { firstExample, readGuide } from './support/guide.js';
import { startModel } from './support/model.js';
import { freePort, startOrion, startProgram } from './support/processes.js';
import { compile } from './support/typescript.js';
import { eventually } from './support/wait.js';

const { text, files, commands } = await readGuide();
const five = ['lib/orion.ts', 'app/actions.ts', 'app/page.tsx', 'app/chats/[id]/page.tsx', 'app/chats/[id]/chat.tsx'];
const chats = ['app/chats/actions.ts', 'app/chats/list.tsx', 'app/chats/page.tsx', 'app/sign-out.ts', 'app/chats/[id]/ai-chat.tsx'];
const plain = ['server.ts', 'page.tsx', 'chat.ts'];
const search = ['app/api/search/route.ts', 'app/chats/search.tsx'];
const next = [...five, ...chats, ...search];

// Inside of this folder, so that the packages are found.
const folder = fileURLToPath(new URL('guide', import.meta.url));
const strict = {
  target: 'es2023', lib: ['dom', 'dom.iterable', 'esnext'], module: 'esnext', moduleResolution: 'bundler', strict: true, noEmit: true,
  skipLibCheck: true, isolatedModules: true, jsx: 'react-jsx', esModuleInterop: true, types: ['node'],
};

const started = [];
const keep = thing => (started.push(thing), thing);
let browser;
let model;
let orion;
let port;

async function write(application, contents) {
  for (const [path, content] of Object.entries(contents)) {
    const file = join(folder, application, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
}

const fromGuide = paths => Object.fromEntries(paths.map(path => [path, files.get(path)]));

before(async () => {
  await rm(folder, { recursive: true, force: true });
  browser = await launch();
  model = keep(await startModel());
  port = await freePort();
  orion = keep(await startOrion({ ALLOWED_ORIGINS: `http://localhost:${port}`, RATE_LIMIT_MAX_REQUESTS: '10000', ...model.settings }));
});

after(async () => {
  await browser?.close();
  for (const thing of started.reverse()) await thing.end();
  await rm(folder, { recursive: true, force: true });
});

async function visit(address) {
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000);
  page.on('dialog', dialog => dialog.accept('A new title'));
  await page.goto(address);
  return {
    page,
    button: name => page.getByRole('button', { name, exact: true }),
    says: value => page.getByText(value).first().waitFor(),
    async write(value) {
      // Next.js keeps the previous page, hidden.
      await page.locator('input[name=text]:visible').fill(value);
      await page.getByRole('button', { name: 'Send', exact: true }).click();
    },
  };
}

const titles = async () => (await orion.api.listSessions()).value.sessions.map(({ title }) => title);

test('Every code block is a file or a command that a test runs, and a chat needs at most 60 lines', () => {
  assert.deepEqual([...files.keys()], ['.env.local', ...five, ...chats, ...plain, ...search]);
  assert.deepEqual(commands, [
    // startOrion
    'dotnet run --project src/Orion.Api',
    // prepare.sh and package.test.js pack and install the client; the tests below write what create-next-app writes.
    'cd clients/typescript && npm pack && cd ../..',
    'npx create-next-app@latest ../my-chat --yes && cd ../my-chat',
    'npm install ../orion/clients/typescript/orion-client-1.0.0.tgz',
    'npm install ai @ai-sdk/react',
    'npm install react react-dom',
    // The last test of this file.
    'npx esbuild page.tsx --bundle --minify --format=esm --jsx=automatic --outfile=page.js',
    'node --env-file=.env.local server.ts',
  ]);
  // Without the comment with the path.
  const lines = five.reduce((sum, path) => sum + files.get(path).trimEnd().split('\n').length - 1, 0);
  assert.ok(lines <= 60, `${lines} lines`);
  assert.match(text, new RegExp(`These five files have ${lines} lines\\.`));
});

describe('Next.js', () => {
  let site;
  let application;

  before(async () => {
    await write('next', {
      ...fromGuide(next),
      '.env.local': files.get('.env.local').replace('../orion/.orion', orion.environment.ORION_DATA_DIR),
      // What create-next-app writes.
      'package.json': { private: true },
      'next.config.ts': 'export default { cacheComponents: true, partialPrefetching: true };',
      'tsconfig.json': {
        compilerOptions: {
          ...strict, paths: { '@/*': ['./*'] }, plugins: [{ name: 'next' }], allowJs: true, resolveJsonModule: true, incremental: true,
        },
        include: ['next-env.d.ts', '**/*.ts', '**/*.tsx', '.next/types/**/*.ts', '.next/dev/types/**/*.ts'],
        exclude: ['node_modules'],
      },
      'app/layout.tsx':
        'export default ({ children }: { children: import("react").ReactNode }) => <html lang="en"><body>{children}</body></html>;',
      // What the guide leaves to the reader: where the other components are used.
      'app/ai/[id]/page.tsx': files.get('app/chats/[id]/page.tsx')
        .replace("{ Chat } from './chat'", "{ AIChat } from '../../chats/[id]/ai-chat'").replace('<Chat', '<AIChat'),
      'app/search/page.tsx': "import { Search } from '../chats/search';\nexport default () => <Search />;",
      'app/leave/page.tsx': "import { signOut } from '../sign-out';\nexport default () => <form action={signOut}><button>Sign out</button></form>;",
    });
    application = join(folder, 'next');
    site = keep(await startProgram(
      'node', [fileURLToPath(new URL('node_modules/next/dist/bin/next', import.meta.url)), 'dev', '--port', String(port)],
      { ORION_URL: orion.url, NEXT_TELEMETRY_DISABLED: '1' }, application, /Local:\s+(http:\S+)[^]*Ready/));
  });

  test('A chat is created, streams its replies, survives a reload, and is stopped', async () => {
    const { page, button, says, write: send } = await visit(site.origin);
    await send('Hello there');
    await says('assistant: You said: Hello there');
    const id = page.url().split('/').at(-1);

    await send('Forever');
    await says(/assistant: 1 2 3 /);
    await page.reload();
    await says(/assistant: .* 20 /);
    await button('Stop').click();
    await button('Try again').waitFor();

    const { messages } = (await orion.api.listMessages(id)).value;
    assert.deepEqual(messages.map(({ role }) => role), ['user', 'assistant', 'user', 'assistant']);
    assert.equal(messages[3].metadata.finishReason, 'stopped');
    await page.close();
  });

  test('With the AI SDK, the same chat is continued', async () => {
    const { sessionId } = (await orion.api.createSession({ firstMessage: 'Think' })).value;
    const { page, button, says, write: send } = await visit(`${site.origin}/ai/${sessionId}`);
    await says('assistant: Done.');
    await send('Forever');
    await says(/assistant: 1 2 3 /);
    await page.reload();
    await says(/assistant: .* 20 /);
    await button('Stop').click();
    await button('Send').waitFor();

    model.fails = 500;
    await send('Hello');
    await page.getByRole('alert').getByText('The model is unavailable.').waitFor();
    model.fails = undefined;
    await button('Try again').click();
    await says('assistant: You said: Hello');
    await page.close();
  });

  test('The sessions are listed, renamed, archived and deleted', async () => {
    for await (const { sessionId } of orion.api.listAllSessions()) await orion.api.deleteSession(sessionId);
    for (const title of ['One', 'Two', 'Three']) await orion.api.createSession({ title });
    const { page } = await visit(`${site.origin}/chats`);
    const item = title => page.getByRole('listitem').filter({ hasText: title });

    await item('One').getByRole('button', { name: 'Rename' }).click();
    await item('A new title').waitFor();
    await item('Two').getByRole('button', { name: 'Archive' }).click();
    await item('Two').waitFor({ state: 'detached' });
    await item('Three').getByRole('button', { name: 'Delete' }).click();
    await item('Three').waitFor({ state: 'detached' });

    assert.deepEqual(await titles(), ['A new title']);
    await page.close();
  });

  test('Messages are found, with the matches marked', async () => {
    for (const title of ['Near', 'Far']) await orion.api.createSession({ title, firstMessage: `A 🌒 eclipse is ${title}.` });
    const { page } = await visit(`${site.origin}/search`);
    const field = page.getByRole('searchbox', { name: 'Search' });

    await field.pressSequentially('eclipse fa');
    await page.getByRole('listitem').filter({ hasText: 'Far: A 🌒 eclipse is Far.' }).waitFor();

    assert.equal(await page.getByRole('listitem').count(), 1);
    assert.deepEqual(await page.locator('mark').allInnerTexts(), ['eclipse', 'Far']);
    await field.fill('"');
    await page.getByRole('listitem').waitFor({ state: 'detached' });
    const headers = { 'Sec-Fetch-Site': 'cross-site' };
    assert.equal((await fetch(`${site.origin}/api/search?q=eclipse`, { headers })).status, 403);
    await page.close();
  });

  test('Opening a chat takes two requests with user tokens, sending none, and reading the list one', async () => {
    const remaining = async () => {
      const response = await fetch(`${orion.url}/api/me`, { headers: { Authorization: `Bearer ${await orion.mintToken()}` } });
      return Number(/r=(\d+)/.exec(response.headers.get('RateLimit'))[1]);
    };
    /** The requests of an action, without the one that reads their number. */
    const requestsOf = async action => {
      const before = await remaining();
      await action();
      return before - (await remaining()) - 1;
    };
    const { sessionId } = (await orion.api.createSession()).value;
    let visitor;
    const open = await requestsOf(async () => {
      visitor = await visit(`${site.origin}/chats/${sessionId}`);
      await visitor.button('Send').waitFor();
    });
    const send = await requestsOf(async () => {
      await visitor.write('Hello');
      await visitor.says('assistant: You said: Hello');
    });
    const list = await requestsOf(async () => {
      await visitor.page.goto(`${site.origin}/chats`);
      await visitor.says('Hello');
    });

    assert.deepEqual({ open, send, list }, { open: 2, send: 0, list: 1 });
    await visitor.page.close();
  });

  test('Signing out revokes the session tokens', async () => {
    const { sessionId } = (await orion.api.createSession()).value;
    const { value: { token } } = await orion.api.mintSessionToken(sessionId);
    const read = () => fetch(`${orion.url}/api/sessions/${sessionId}`, { headers: { Authorization: `Bearer ${token}` } });
    assert.equal((await read()).status, 200);
    const { page, button } = await visit(`${site.origin}/leave`);

    await button('Sign out').click();

    await eventually('the token is rejected', async () => (await read()).status === 401);
    await page.waitForURL(`${site.origin}/`);
    await page.close();
  });

  test('The code is strict, and nothing failed on the server', async () => {
    await compile(application);
    assert.doesNotMatch(site.output(), /⨯|Error:/);
  });
});

describe('Plain Node', () => {
  const environment = () => ({ ORION_URL: orion.url, ORION_DATA_DIR: orion.environment.ORION_DATA_DIR });
  const application = join(folder, 'plain');
  const run = async file =>
    (await promisify(execFile)('node', [file], { cwd: application, env: { ...process.env, ...environment() } })).stdout;

  before(async () => {
    await write('plain', {
      ...fromGuide(plain),
      'list.mjs': await firstExample('README.md', 'js'),
      'first.ts': await firstExample('clients/typescript/README.md', 'ts'),
      'package.json': { private: true, type: 'module' },
      'tsconfig.json': { compilerOptions: { ...strict, noPropertyAccessFromIndexSignature: true, noUncheckedIndexedAccess: true } },
    });
    // Node 20 cannot run TypeScript.
    const options = { outdir: application, format: 'esm', logLevel: 'silent' };
    await build({ ...options, entryPoints: ['server.ts', 'chat.ts', 'first.ts'].map(file => join(application, file)) });
    await build({ ...options, entryPoints: [join(application, 'page.tsx')], bundle: true, jsx: 'automatic' });
  });

  test('The code is strict', () => compile(application));

  test('The program without a framework streams replies, and reads messages and sessions', async () => {
    const stdout = await run('chat.js');

    assert.match(stdout, /^You said: How far away is Orion\?/);
    assert.match(stdout, /\[ 'assistant', 'user' \] true\n/);
    assert.match(stdout, /\nuser How far away is Orion\?\nassistant You said: How far away is Orion\?\nuser And the moon\?\n/);
    assert.match(stdout, /^Stars$/m);
  });

  test('The first examples of the README files run', async () => {
    assert.match(await run('list.mjs'), /ok: true/);
    assert.equal(await run('first.js'), 'You said: How far away is Orion?');
  });

  test('A single-page app lists, creates, streams and deletes', async () => {
    const sitePort = await freePort();
    const service = keep(await startOrion({ ALLOWED_ORIGINS: `http://localhost:${sitePort}`, ...model.settings }));
    const site = keep(await startProgram(
      'node', ['server.js'], { PORT: String(sitePort), ORION_URL: service.url, ORION_DATA_DIR: service.environment.ORION_DATA_DIR }, application,
      /The page is at (http:\S+)\./));
    const { page, button, says, write: send } = await visit(site.origin);

    await send('Hello there');
    await says('assistant: You said: Hello there');
    // The text is complete, but the reply may not have ended.
    await button('Stop').waitFor({ state: 'detached' });
    await send('Forever');
    await says(/assistant: 1 2 3 /);
    await button('Stop').click();
    await button('Stop').waitFor({ state: 'detached' });
    await button('New chat').click();
    await button('Hello there').click();
    await says(/assistant: 1 2 3 /);
    await button('Delete').click();
    await button('Hello there').waitFor({ state: 'detached' });

    assert.deepEqual((await service.api.listSessions()).value.sessions, []);
    const headers = { Origin: 'https://attacker.example.com' };
    const foreign = await fetch(`${site.origin}/api/chats`, { method: 'POST', headers, body: 'Hello' });
    assert.equal(foreign.status, 403);
    await page.close();
  });
});
