import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mintUserToken, serverClient } from 'orion-client/server';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const timeout = 90_000;

export const owner = 'you@example.com';

/** Starts Orion with an embedded database in a new folder, and creates a client with a user token. */
export async function startOrion(settings = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'orion-web-'));
  const environment = {
    DOTNET_ENVIRONMENT: 'Development', ORION_ENV_FILE: 'none', ORION_DATA_DIR: join(folder, 'data'), AUTHORIZED_USER_EMAIL: owner, ...settings,
  };
  const dll = join(root, 'src/Orion.Api/bin/Debug/net10.0/Orion.Api.dll');
  const child = start('dotnet', [dll, '--urls', 'http://127.0.0.1:0'], environment, folder);
  const end = async () => {
    await stop(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const url = await said(child, /Orion listens on (http:\S+)/);
    const secret = (await readFile(join(environment.ORION_DATA_DIR, 'shared-jwt-secret'), 'utf8')).trim();
    const tokens = { secret, issuer: 'http://localhost:3000' };
    const mintToken = (email = owner) => mintUserToken(email, tokens);
    const clientOf = (email = owner, more = {}) => serverClient(email, { baseUrl: url, ...tokens, ...more });
    return { url, tokens, mintToken, clientOf, api: clientOf(), environment, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Starts the sample's server, which reads the secret from Orion's data folder. */
export async function startSample(orion, settings = {}) {
  const environment = { ORION_URL: orion.url, ORION_DATA_DIR: orion.environment.ORION_DATA_DIR, AUTHORIZED_USER_EMAIL: owner, SAMPLE_PORT: '0', ...settings };
  return startProgram('node', [join(root, 'samples/web/server.js')], environment, root, /The sample listens on (http:\S+),/);
}

/** Starts a program that serves pages. `ready` is what it says when it does, with its origin. */
export async function startProgram(program, args, settings, folder, ready) {
  const child = start(program, args, settings, folder);
  try {
    return { origin: await said(child, ready), end: () => stop(child), output: () => child.output };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

const nextFolder = join(root, 'samples/next');
const next = join(nextFolder, 'node_modules/next/dist/bin/next');

/** Builds the Next.js sample for production. */
export async function buildNextSample() {
  const child = start('node', [next, 'build'], {}, nextFolder);
  if ((await child.ended) !== 0) throw new Error(`The build failed:\n${child.output}`);
}

/** Starts the Next.js sample: the production build (`start`), or the development server (`dev`). */
export const startNextSample = (orion, command, port, settings) => startProgram(
  'node', [next, command, '--hostname', 'localhost', '--port', String(port)],
  { ORION_URL: orion.url, ORION_DATA_DIR: orion.environment.ORION_DATA_DIR, AUTHORIZED_USER_EMAIL: owner, ...settings },
  nextFolder, /- Local: +(http:\S+)[^]*Ready in/,
);

/** Returns a port that was free a moment ago. */
export async function freePort() {
  const server = createServer().listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function start(program, args, settings, folder) {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'DOTNET_ROOT', 'LANG', 'LC_ALL'];
  const env = Object.fromEntries(kept.filter(name => process.env[name] !== undefined).map(name => [name, process.env[name]]));
  const child = spawn(program, args, { cwd: folder, env: { ...env, ...settings }, stdio: ['ignore', 'pipe', 'pipe'] });
  child.output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (child.output += text));
  child.ended = new Promise(resolve => {
    child.once('exit', resolve);
    child.once('error', error => {
      child.output += error.message;
      resolve();
    });
  });
  return child;
}

async function said(child, pattern) {
  let over = false;
  void child.ended.then(() => (over = true));
  for (const until = Date.now() + timeout; Date.now() < until && !over; await new Promise(resolve => setTimeout(resolve, 50))) {
    const match = pattern.exec(child.output);
    if (match) return match[1];
  }

  throw new Error(`It did not start:\n${child.output}`);
}

async function stop(child) {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await child.ended;
  clearTimeout(timer);
}
