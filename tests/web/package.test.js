// Tests the archive of the client: it is installed in an empty folder, and each entry is imported.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { compile } from './support/typescript.js';

const modules = fileURLToPath(new URL('node_modules', import.meta.url));
const { version } = JSON.parse(await readFile(join(modules, 'orion-client/package.json'), 'utf8'));
const archive = join(modules, `orion-client-${version}.tgz`);
let folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orion-package-'));
  await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  // Without the registry, because the package has no dependencies.
  execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', '--loglevel=error', archive], { cwd: folder });
});

after(() => rm(folder, { recursive: true, force: true }));

const run = script => execFileSync('node', ['--input-type=module', '--eval', script], { cwd: folder, encoding: 'utf8' });

async function addPackage(name, target = name) {
  await mkdir(join(folder, 'node_modules', name, '..'), { recursive: true });
  await rm(join(folder, 'node_modules', name), { force: true, recursive: true });
  await symlink(join(modules, target), join(folder, 'node_modules', name));
}

test('It has a licence, a README, keywords and a repository', async () => {
  const installed = join(folder, 'node_modules/orion-client');
  const { license, keywords, repository, engines } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));

  assert.deepEqual([license, engines.node, repository.directory], ['MIT', '>=22', 'clients/typescript']);
  assert.ok(keywords.includes('chat'));
  assert.match(await readFile(join(installed, 'LICENSE'), 'utf8'), /MIT License/);
  assert.match(await readFile(join(installed, 'README.md'), 'utf8'), /^```ts\n/m);
});

test('It works without its optional packages, except for the hooks', () => {
  const output = run(`
    const names = await Promise.all(['orion-client', 'orion-client/server', 'orion-client/ai'].map(async entry => Object.keys(await import(entry)).length));
    const hooks = await import('orion-client/react').catch(error => error.code);
    console.log(JSON.stringify([names.every(count => count > 0), hooks]));`);

  assert.deepEqual(JSON.parse(output), [true, 'ERR_MODULE_NOT_FOUND']);
});

test('A bundle for browsers can contain the hooks, but not the entry for servers', async () => {
  for (const name of ['react', 'react-dom']) await addPackage(name);
  const bundle = contents => build({
    stdin: { contents, resolveDir: folder }, bundle: true, write: false, platform: 'browser', format: 'esm', logLevel: 'silent',
  });

  const { outputFiles } = await bundle("export * from 'orion-client'; export * from 'orion-client/ai'; export * from 'orion-client/react';");
  assert.ok(!outputFiles[0].text.includes('ORION_SHARED_JWT_SECRET'));
  await assert.rejects(bundle("export * from 'orion-client/server';"), /orion-client\/server/);
});

const source = `
import { Chat, useChat } from '@ai-sdk/react';
import type { ChatTransport } from 'ai';
import { messageOf, OrionClient, splitSnippet, unwrap, type Message, type NewMessage, type Result, type Role, type SearchPage } from 'orion-client';
import { OrionChatTransport, toUIMessages, type OrionUIMessage } from 'orion-client/ai';
import { useOrionChat, useOrionChats, useOrionSearch } from 'orion-client/react';
import { mintUserToken, serverClient } from 'orion-client/server';

const client: OrionClient = serverClient('you@example.com');
export const token: Promise<string> = mintUserToken('you@example.com', { secret: 's', issuer: 'i' });
export const transport: ChatTransport<OrionUIMessage> = new OrionChatTransport({ client });
export const role = (message: Message): Role & NewMessage['role'] => message.role;
export async function messages(id: string): Promise<OrionUIMessage[]> {
  for await (const { content } of client.listAllMessages(id)) console.log(content.length);
  return toUIMessages(unwrap(await client.listMessages(id, { order: 'desc' })).messages);
}
export function text(result: Result<unknown>): string {
  return result.ok ? '' : messageOf(result.problem);
}
export function usePage(id: string) {
  return { chat: useOrionChat(id, { client: () => client }), chats: useOrionChats(client), search: useOrionSearch(client) };
}
export const marked = ({ results }: SearchPage) => results.flatMap(splitSnippet).filter(({ isMatch }) => isMatch);
export const download = async (request: Request): Promise<Response> => unwrap(await client.exportSessions({ signal: request.signal }));
// @ts-expect-error A role that Orion does not have.
void client.appendMessage('id', { role: 'system', content: '' });
`;
const withUseChat = `
export const chat = new Chat<OrionUIMessage>({ transport });
export const useOwnChat = (id: string) => useChat<OrionUIMessage>({ id, transport });
`;

const bundler = { module: 'esnext', moduleResolution: 'bundler' };
const nodenext = { module: 'nodenext', moduleResolution: 'nodenext' };

for (const [ai, resolutions] of [[5, [bundler]], [6, [nodenext]], [7, [bundler, nodenext]]]) {
  test(`Its types are strict, with ai ${ai}`, async () => {
    for (const [name, target] of [['ai', `ai${ai}`], ['@types/react'], ['@types/node'], ['@ai-sdk/react'], ['react']]) await addPackage(name, target);
    // The tests have @ai-sdk/react for the newest version.
    const code = ai === 7 ? source + withUseChat : source.replace(/^import .*@ai-sdk\/react.*$/m, '');
    await writeFile(join(folder, 'index.ts'), code);
    for (const resolution of resolutions) {
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({
        compilerOptions: {
          ...resolution, target: 'es2023', lib: ['es2023', 'dom', 'dom.iterable', 'esnext.disposable'], strict: true, noEmit: true,
          exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: true, types: ['node'],
        },
        files: ['index.ts'],
      }));
      await compile(folder);
    }
  });
}
