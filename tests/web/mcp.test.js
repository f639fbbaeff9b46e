// Tests the Model Context Protocol with its official client: over HTTP, and over standard input and output.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { unwrap } from 'orion-client';
import { owner, startOrion } from './support/processes.js';

const friend = 'friend@example.com';
const tool = fileURLToPath(new URL('../../src/Orion.Cli/bin/Debug/net10.0/orion.dll', import.meta.url));
const missing = '01890000-0000-7000-8000-000000000000';

const orion = await startOrion({ MCP: 'true' });
const run = (...args) => promisify(execFile)('dotnet', [tool, ...args], { env: { ...process.env, ...orion.environment }, cwd: orion.environment.ORION_DATA_DIR });
await run('users', 'grant', friend);

const overHttp = async token => connect(new StreamableHTTPClientTransport(new URL('/mcp', orion.url), { requestInit: { headers: { Authorization: `Bearer ${await token}` } } }));
const overStdio = (...args) => connect(new StdioClientTransport({
  command: 'dotnet', args: [tool, 'mcp', ...args], env: { PATH: process.env.PATH, ...orion.environment }, cwd: orion.environment.ORION_DATA_DIR,
}));

const initialize = JSON.stringify({
  jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
});

const clients = [];
async function connect(transport) {
  const client = new Client({ name: 'orion-tests', version: '1.0.0' });
  client.onerror = error => client.problems.push(error);
  client.problems = [];
  await client.connect(transport);
  clients.push(client);
  return client;
}

after(async () => {
  for (const client of clients) await client.close();
  await orion.end();
});

async function call(client, name, args) {
  const result = await client.callTool({ name, arguments: args });
  assert.ok(!result.isError, result.content?.[0]?.text);
  assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
  return result.structuredContent;
}

async function refusalOf(client, name, args) {
  const result = await client.callTool({ name, arguments: args });
  assert.equal(result.isError, true, JSON.stringify(result));
  assert.equal(result.structuredContent, undefined);
  return result.content[0].text;
}

for (const [transport, open] of [['HTTP', () => overHttp(orion.mintToken())], ['stdio', () => overStdio()]]) {
  test(`${transport}: sessions are started, written to, listed and read, page by page`, async () => {
    const client = await open();
    assert.equal(client.getServerVersion().name, 'orion');
    const { tools } = await client.listTools();
    const names = ['list_sessions', 'search_messages', 'read_messages', 'start_session', 'append_message'];
    assert.deepEqual(tools.map(({ name }) => name), transport === 'stdio' ? [...names, 'list_deployments'] : names);
    assert.deepEqual(tools.filter(({ annotations }) => !annotations.readOnlyHint).map(({ name }) => name), ['start_session', 'append_message']);
    assert.ok(tools.every(({ inputSchema }) => inputSchema.additionalProperties === false));
    assert.equal(tools[4].inputSchema.properties.content.maxLength, 100_000);

    const { sessionId, title } = await call(client, 'start_session', { firstMessage: 'Grüße 👋 <b>"quoted"</b>' });
    assert.equal(title, 'Grüße 👋 <b>"quoted"</b>');
    for (const content of ['Two', 'Three']) await call(client, 'append_message', { sessionId, role: 'assistant', content });
    assert.equal((await call(client, 'list_sessions', { limit: 1 })).sessions[0].sessionId, sessionId);
    const found = await call(client, 'search_messages', { q: 'russ', sessionId });
    assert.equal(found.count, 0);
    const { results } = await call(client, 'search_messages', { q: 'quoted GRÜSSE', sessionId });
    assert.deepEqual(results.map(result => [result.sessionId, result.sequence, result.role, result.snippet]),
      [[sessionId, 1, 'user', 'Grüße 👋 <b>"quoted"</b>']]);
    const first = await call(client, 'read_messages', { sessionId, limit: 2 });
    const second = await call(client, 'read_messages', { sessionId, limit: 2, cursor: first.nextCursor });
    assert.deepEqual([first, second].flatMap(page => page.messages.map(({ content }) => content)), ['Grüße 👋 <b>"quoted"</b>', 'Two', 'Three']);
    assert.equal(second.nextCursor, undefined);
    assert.equal((await unwrap(orion.api.getSession(sessionId))).messageCount, 3);

    const { resourceTemplates } = await client.listResourceTemplates();
    assert.deepEqual(resourceTemplates.map(({ uriTemplate }) => uriTemplate), ['orion://sessions/{sessionId}']);
    const { resources } = await client.listResources();
    assert.equal(resources[0].uri, `orion://sessions/${sessionId}`);
    const { contents } = await client.readResource({ uri: resources[0].uri });
    assert.deepEqual(JSON.parse(contents[0].text).messages.map(({ content }) => content), ['Grüße 👋 <b>"quoted"</b>', 'Two', 'Three']);
  });

  test(`${transport}: invalid arguments are errors of the tool, in Orion's words, and change nothing`, async () => {
    const client = await open();
    const { sessionId } = await call(client, 'start_session', {});
    const append = args => refusalOf(client, 'append_message', args);
    assert.match(await append({ sessionId, role: 'system', content: 'x' }), /^validation_failed: .* role: /);
    assert.match(await append({ sessionId, role: 'user', content: 'x'.repeat(100_001) }), /^validation_failed: .* content: The text must have at most 100000 characters\.$/);
    assert.match(await append({ sessionId, role: 'user' }), /^validation_failed: .* content: /);
    assert.match(await append({ sessionId, role: 'user', content: 7 }), /^validation_failed: .* content: It must be a text\.$/);
    assert.match(await append({ sessionId, role: 'user', content: 'x', userId: friend }), /^validation_failed: .* arguments: The tool has only these arguments: /);
    assert.match(await append({ role: 'user', content: 'x' }), /^validation_failed: .* sessionId: It is missing\.$/);
    assert.match(await refusalOf(client, 'read_messages', {}), /^validation_failed: .* sessionId: It is missing\.$/);
    await assert.rejects(client.callTool({ name: 'read_messages', arguments: { sessionId, order: '\ud800' } }), /The params of the request are not/);
    assert.match(await append({ sessionId: 'no-uuid', role: 'user', content: 'x' }), /^session_not_found: /);
    assert.match(await refusalOf(client, 'list_sessions', { limit: 101 }), /limit: It must be a whole number from 1 to 100\.$/);
    assert.match(await refusalOf(client, 'list_sessions', { cursor: 'x' }), /^invalid_cursor: /);
    assert.match(await refusalOf(client, 'search_messages', { q: ' ' }), /^validation_failed: .* q: The query must not be blank\.$/);
    assert.match(await refusalOf(client, 'read_messages', { sessionId: missing }), /^session_not_found: /);
    await assert.rejects(client.callTool({ name: 'nothing' }), /There is no tool of this name/);
    await assert.rejects(client.readResource({ uri: `orion://sessions/${missing}` }), /session_not_found/);
    await assert.rejects(client.readResource({ uri: 'file:///etc/passwd' }), /session_not_found/);
    assert.equal((await unwrap(orion.api.getSession(sessionId))).messageCount, 0);
  });

  test(`${transport}: a page of large messages is at most 4 MiB, and the pages together are complete`, async () => {
    const client = await open();
    const { sessionId } = await call(client, 'start_session', {});
    const contents = ['"', '<', '\u0001', '😀', 'é'].map(text => text.repeat(100_000));
    for (const content of contents) await unwrap(orion.api.appendMessage(sessionId, { role: 'user', content }));
    const read = [];
    let cursor;
    do {
      const page = await client.callTool({ name: 'read_messages', arguments: { sessionId, limit: 100, ...(cursor && { cursor }) } });
      assert.ok(Buffer.byteLength(JSON.stringify(page)) < 4 * 1024 * 1024);
      read.push(...page.structuredContent.messages.map(({ content }) => content));
      cursor = page.structuredContent.nextCursor;
    } while (cursor);
    assert.deepEqual(read, contents);
    const { contents: [{ text }] } = await client.readResource({ uri: `orion://sessions/${sessionId}` });
    const resource = JSON.parse(text);
    assert.equal(resource.truncated, true);
    assert.equal(resource.messages.at(-1).sequence, 5);
  });
}

test("Another user's sessions are like missing ones, in tools and resources", async () => {
  const { sessionId } = await unwrap(orion.api.createSession({ firstMessage: 'Secret' }));
  for (const client of [await overHttp(orion.mintToken(friend)), await overStdio('--user', friend)]) {
    assert.ok((await call(client, 'list_sessions', { archived: 'any', limit: 100 })).sessions.every(session => session.sessionId !== sessionId));
    for (const [name, args] of [['read_messages', {}], ['append_message', { role: 'user', content: 'Taken' }]]) {
      assert.equal(await refusalOf(client, name, { ...args, sessionId }), await refusalOf(client, name, { ...args, sessionId: missing }));
    }

    await assert.rejects(client.readResource({ uri: `orion://sessions/${sessionId}` }), /session_not_found/);
    assert.ok((await client.listResources()).resources.every(({ uri }) => !uri.includes(sessionId)));
  }

  assert.equal((await unwrap(orion.api.getSession(sessionId))).messageCount, 1);
});

test('stdio: standard output has nothing but the protocol, and a user who is not on the list is an error', async () => {
  const client = await overStdio();
  await call(client, 'list_deployments', {});
  // A line that is not a message would be reported here.
  assert.deepEqual(client.problems, []);
  await assert.rejects(run('mcp', '--user', 'nobody@example.com'), ({ code, stdout, stderr }) => {
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /not on the allow-list/);
    return true;
  });
});

const post = async (token, body = initialize, headers = {}, url = orion.url) => fetch(new URL('/mcp', url), {
  method: 'POST', body,
  headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...(token && { Authorization: `Bearer ${await token}` }), ...headers },
});

test('stdio: the requests before the end of the input get their responses', async () => {
  const { sessionId } = await unwrap(orion.api.createSession());
  const call = id => JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'append_message', arguments: { sessionId, role: 'user', content: `${id}` } } });
  const bad = [{ method: 'initialize', params: 'x' }, { method: 'x'.repeat(5000) }].map((request, i) => JSON.stringify({ jsonrpc: '2.0', id: i + 2, ...request }));
  const open = () => {
    const child = spawn('dotnet', [tool, 'mcp'], { env: { ...process.env, ...orion.environment }, cwd: orion.environment.ORION_DATA_DIR });
    child.exited = once(child, 'exit');
    child.stderr.resume();
    return child;
  };

  const piped = open();
  piped.stdin.end(`${[initialize, ...bad, ...Array.from({ length: 20 }, (_, i) => call(i + 4))].join('\n')}\n`);
  const messages = (await text(piped.stdout)).trimEnd().split('\n').map(line => JSON.parse(line)).sort((a, b) => a.id - b.id);
  assert.deepEqual(await piped.exited, [0, null]);
  assert.deepEqual(messages.map(({ id }) => id), Array.from({ length: 23 }, (_, i) => i + 1));
  assert.deepEqual(messages.slice(1, 3).map(({ error }) => error), [
    { code: -32602, message: 'The params of the request are not those of its method.' }, { code: -32601, message: 'This method is not available.' },
  ]);
  assert.ok(messages.slice(3).every(({ result }) => !result.isError));
  assert.equal((await unwrap(orion.api.getSession(sessionId))).messageCount, 20);

  // The client goes away.
  const left = open();
  left.stdout.destroy();
  left.stdin.end(`${initialize}\n${call(30)}\n`);
  assert.deepEqual(await left.exited, [0, null]);

  const ended = open();
  ended.stdin.write(`${initialize}\n`);
  await once(ended.stdout, 'data');
  ended.kill();
  await ended.exited;
});

test('HTTP: requests are protected like those of every other route', async () => {
  const { sessionId } = await unwrap(orion.api.createSession());
  const token = await orion.mintToken();
  const check = async (response, status, error) => {
    assert.equal(response.status, status);
    assert.equal(response.headers.get('Content-Type'), 'application/problem+json');
    assert.equal((await response.json()).error, error);
    assert.ok(response.headers.get('X-Request-Id'));
    assert.equal(response.headers.get('X-Content-Type-Options'), 'nosniff');
    return response;
  };

  assert.equal((await check(await post(undefined), 401, 'missing_token')).headers.get('WWW-Authenticate'), 'Bearer');
  await check(await post('eyJ.eyJ.x'), 401, 'invalid_token');
  await check(await post(orion.mintToken('nobody@example.com')), 403, 'not_authorized');
  const session = await unwrap(orion.api.mintSessionToken(sessionId));
  await check(await post(session.token), 403, 'insufficient_scope');
  await check(await post(token, initialize, { Origin: 'https://evil.example.com' }), 403, 'origin_not_allowed');
  await check(await post(token, initialize, { 'Content-Type': 'text/plain' }), 415, 'unsupported_media_type');
  await check(await post(token, initialize, { 'Content-Encoding': 'gzip' }), 415, 'unsupported_media_type');
  await check(await post(token, '{'), 400, 'malformed_json');
  await check(await post(token, `[${initialize}]`), 400, 'malformed_json');
  await check(await post(token, initialize.replace('"id":1', '"id":1,"id":2')), 400, 'malformed_json');
  await check(await post(token, JSON.stringify({ x: 'x'.repeat(2 * 1024 * 1024) })), 413, 'payload_too_large');
  for (const method of ['GET', 'DELETE']) {
    await check(await fetch(new URL('/mcp', orion.url), { method, headers: { Authorization: `Bearer ${token}`, Accept: 'text/event-stream' } }), 405, 'method_not_allowed');
  }

  const allowed = await post(token, initialize, { Origin: 'http://localhost:3000' });
  assert.equal(allowed.status, 200);
  assert.equal(allowed.headers.get('Access-Control-Allow-Origin'), 'http://localhost:3000');
  assert.match(allowed.headers.get('RateLimit'), /r=\d+/);
  assert.equal(allowed.headers.get('Cache-Control'), 'no-store');
  assert.equal(allowed.headers.get('Mcp-Session-Id'), null);
  const listen = await post(token, JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'subscriptions/listen', params: {} }));
  assert.match(await listen.text(), /error/);
});

test('HTTP: a revoked token is rejected', async () => {
  const token = await orion.mintToken(friend);
  const client = await overHttp(token);
  await call(client, 'list_sessions', {});
  await unwrap(orion.clientOf(friend).revokeTokens());
  await assert.rejects(client.callTool({ name: 'list_sessions', arguments: {} }));
  assert.equal((await post(token)).status, 401);
  await call(await overHttp(orion.mintToken(friend)), 'list_sessions', {});
});

test('Without MCP=true there is no such route', async () => {
  const off = await startOrion();
  try {
    const response = await post(off.mintToken(), initialize, {}, off.url);
    assert.equal(response.status, 404);
    assert.equal((await response.json()).error, 'not_found');
  } finally {
    await off.end();
  }
});
