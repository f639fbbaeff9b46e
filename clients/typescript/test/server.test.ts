import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, test } from 'node:test';
import { mintUserToken, orionUrl, serverClient } from '../src/server.js';
import { FakeOrion, session } from './fake-orion.js';

const secret = 'a-secret-of-at-least-32-characters-ü';
const options = { secret, issuer: 'https://chat.example.com', now: () => 1_767_323_045_999 };
const folder = mkdtempSync(join(tmpdir(), 'orion-client-'));
const names = ['NODE_ENV', 'ORION_URL', 'ORION_PUBLIC_URL', 'ORION_SHARED_JWT_SECRET', 'ORION_DATA_DIR', 'JWT_ISSUER', 'JWT_AUDIENCE'];
const previous = Object.fromEntries(names.map(name => [name, process.env[name]]));
const workingDirectory = process.cwd();

beforeEach(() => {
  for (const name of names) delete process.env[name];
});
afterEach(() => process.chdir(workingDirectory));
after(() => {
  for (const name of names) {
    if (previous[name] === undefined) delete process.env[name];
    else process.env[name] = previous[name];
  }

  rmSync(folder, { recursive: true });
});

const decoded = (part = '') => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;

/** The claims of a token that is signed with the secret. */
function claimsOf(token: string, key = secret): Record<string, unknown> {
  const [header, claims, signature] = token.split('.');
  assert.deepEqual(decoded(header), { alg: 'HS256', typ: 'JWT' });
  assert.equal(signature, createHmac('sha256', key).update(`${header}.${claims}`).digest('base64url'));
  return decoded(claims);
}

test('A user token has the claims and the signature that Orion expects', async () => {
  assert.deepEqual(claimsOf(await mintUserToken('jürgen@example.com', options)), {
    iss: 'https://chat.example.com', aud: 'orion-core', sub: 'jürgen@example.com', iat: 1_767_323_045, exp: 1_767_323_345,
  });
  const { aud, exp } = claimsOf(await mintUserToken('you@example.com', { ...options, audience: 'other', expiresInSeconds: 60 }));
  assert.deepEqual([aud, exp], ['other', 1_767_323_105]);
});

test('The client of a server sends a new token of the user with each call', async () => {
  await using orion = await FakeOrion.start({ status: 200, body: session }, { status: 200, body: session });
  const client = serverClient('you@example.com', { baseUrl: orion.url, secret, issuer: 'https://chat.example.com' });

  await client.getMe();
  await client.getMe();

  for (const { headers } of orion.seen) {
    const { sub, iss, iat, exp } = claimsOf(String(headers.authorization).replace('Bearer ', ''));
    assert.deepEqual([sub, iss, Number(exp) - Number(iat)], ['you@example.com', 'https://chat.example.com', 300]);
  }
  assert.equal(orion.seen.length, 2);
});

test('The settings come from the environment', async () => {
  await using orion = await FakeOrion.start({ status: 200, body: session });
  Object.assign(process.env, {
    NODE_ENV: 'production', ORION_URL: orion.url, ORION_SHARED_JWT_SECRET: secret, JWT_ISSUER: 'https://chat.example.com', JWT_AUDIENCE: 'other',
  });

  await serverClient('you@example.com').getMe();

  const { iss, aud } = claimsOf(String(orion.seen[0]?.headers.authorization).replace('Bearer ', ''));
  assert.deepEqual([iss, aud], ['https://chat.example.com', 'other']);
  assert.equal(orionUrl(), orion.url);
  process.env['ORION_PUBLIC_URL'] = 'https://orion.example.com';
  assert.equal(orionUrl(), 'https://orion.example.com');
});

test('In development, the secret is found in the folder of Orion above the working directory', async () => {
  await using orion = await FakeOrion.start({ status: 200, body: session }, { status: 200, body: session });
  const site = join(folder, 'samples', 'site');
  mkdirSync(site, { recursive: true });
  mkdirSync(join(folder, '.orion'));
  writeFileSync(join(folder, '.orion', 'shared-jwt-secret'), 'the-secret-of-development\n');

  process.chdir(site);
  await serverClient('you@example.com', { baseUrl: orion.url }).getMe();
  process.chdir(workingDirectory);
  Object.assign(process.env, { NODE_ENV: 'production', ORION_DATA_DIR: join(folder, '.orion'), JWT_ISSUER: 'http://localhost:3000' });
  await serverClient('you@example.com', { baseUrl: orion.url }).getMe();

  for (const { headers } of orion.seen) {
    const { iss } = claimsOf(String(headers.authorization).replace('Bearer ', ''), 'the-secret-of-development');
    assert.equal(iss, 'http://localhost:3000');
  }
});

test('In production, a missing setting is an error with its name', () => {
  process.env['NODE_ENV'] = 'production';
  process.chdir(folder);
  assert.throws(() => serverClient('you@example.com', { baseUrl: 'https://orion.example.com', issuer: 'i' }), /ORION_SHARED_JWT_SECRET/);
  assert.throws(() => serverClient('you@example.com', { baseUrl: 'https://orion.example.com', secret }), /JWT_ISSUER/);
  assert.throws(() => serverClient('you@example.com', { issuer: 'i', secret }), /ORION_URL/);
  assert.throws(() => orionUrl(), /ORION_URL/);
  assert.throws(() => serverClient('', { baseUrl: 'https://orion.example.com', issuer: 'i', secret }), /user/);
});

test('Importing the package and creating clients use neither the clock nor random numbers', async t => {
  const forbidden = () => {
    throw new Error('It must not be used before a call.');
  };
  t.mock.method(Date, 'now', forbidden);
  t.mock.method(performance, 'now', forbidden);
  t.mock.method(Math, 'random', forbidden);
  t.mock.method(crypto, 'getRandomValues', forbidden);

  for (const entry of ['index', 'server', 'ai', 'react']) await import(`../src/${entry}.js?again`);
  const { OrionClient, SessionTokens } = await import('../src/index.js');
  const { OrionChatTransport } = await import('../src/ai.js');
  const client = serverClient('you@example.com', { baseUrl: 'https://orion.example.com', issuer: 'i', secret });
  new OrionClient({ baseUrl: 'https://orion.example.com', token: SessionTokens.from('/token') });
  new OrionChatTransport({ client });
});
