// Two instances of Orion behind HAProxy: see tests/two-instances.sh, which starts this file.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { call, load, stream, textOf, userToken } from "./client.mjs";
import { freePorts, Instance, startHaproxy, startModel, startPostgres, startRedis, until } from "./servers.mjs";

const servers = [];
let postgres, a, b, haproxy, token;

before(async () => {
  postgres = await startPostgres();
  servers.push(postgres);
  const redis = await startRedis();
  servers.push(redis);
  const model = await startModel();
  servers.push(model);
  const ports = await freePorts(2);
  const settings = { DATABASE_URL: postgres.url, REDIS_URL: redis.url, MODEL_URL: model.url };
  [a, b] = ["a", "b"].map((name, n) => new Instance(name, ports[n], settings));
  servers.unshift(a, b);
  a.start();
  b.start();
  await Promise.all([a.becomesReady(), b.becomesReady()]);
  haproxy = await startHaproxy([a, b]);
  servers.unshift(haproxy);
  await haproxy.sees(2);
  token = userToken();
});

after(async () => {
  for (const server of servers) await server.end();
});

/** Sends a request, and fails unless it gets this status. */
async function expect(status, address, method, path, options = {}) {
  const response = await call(address, method, path, { token, ...options });
  assert.equal(response.status, status, `${method} ${path}: ${response.text}`);
  return response;
}

const create = async (address, options) => (await expect(201, address, "POST", "/api/sessions", { body: {}, ...options })).json.sessionId;

/** Starts an instance, and waits until it is ready and HAProxy sends requests to it. */
async function restart(instance) {
  instance.start();
  await instance.becomesReady();
  await haproxy.sees(2);
}

/** Reads a stream into a list, and returns the list at the end. */
async function read(events, list) {
  for await (const event of events) list.push(event);
  return list;
}

const all = (events) => read(events, []);
const numbers = (count) => Array.from({ length: count }, (_, n) => `${n + 1} `).join("");

test("the service is reached through HAProxy as HTTPS only", async () => {
  await expect(200, haproxy.address, "GET", "/api/me");
  // A client cannot forge its address or protocol: HAProxy replaces both headers.
  await expect(200, haproxy.address, "GET", "/api/me", { headers: { "X-Forwarded-Proto": "http", "X-Forwarded-For": "nonsense" } });
  await expect(403, a.address, "GET", "/api/me", { headers: { "X-Forwarded-Proto": "http" } });
});

test("the log of HAProxy does not have the words of a search", async () => {
  await expect(200, haproxy.address, "GET", "/api/search?q=zyxwvut");
  await until("HAProxy logs the request", () => haproxy.log().includes("GET /api/search "));
  assert.ok(!haproxy.log().includes("zyxwvut"));
});

test("each instance reads at once what the other one has written", async () => {
  const session = await create(a.address, { body: { title: "Shared" } });
  await expect(201, b.address, "POST", `/api/sessions/${session}/messages`, { body: { role: "user", content: "Hello" } });
  const messages = await expect(200, a.address, "GET", `/api/sessions/${session}/messages`);
  assert.deepEqual(messages.json.messages.map((message) => message.content), ["Hello"]);
  assert.equal((await expect(200, b.address, "GET", "/api/sessions?limit=1")).json.sessions[0].sessionId, session);
});

test("a session token of one instance is accepted by the other, and after a revocation at most for 5 s", async () => {
  const session = await create(a.address);
  const page = (await expect(201, a.address, "POST", "/api/tokens", { body: { sessionId: session } })).json.token;
  await expect(200, b.address, "GET", `/api/sessions/${session}`, { token: page });
  await expect(200, b.address, "GET", "/api/me");

  await expect(204, a.address, "POST", "/api/tokens/revoke");
  await expect(401, a.address, "GET", `/api/sessions/${session}`, { token: page });
  await expect(401, a.address, "GET", "/api/me");
  await delay(5000);
  await expect(401, b.address, "GET", `/api/sessions/${session}`, { token: page });
  await expect(401, b.address, "GET", "/api/me");
  token = userToken();
  await expect(200, b.address, "GET", "/api/me");
});

test("an Idempotency-Key counts on both instances, also for requests at the same time", async () => {
  for (let n = 0; n < 10; n++) {
    const options = { token, body: { title: `Once ${n}` }, headers: { "Idempotency-Key": randomUUID() } };
    const responses = await Promise.all([a, b, a, b].map((instance) => call(instance.address, "POST", "/api/sessions", options)));
    assert.deepEqual(responses.map((response) => response.status), [201, 201, 201, 201]);
    assert.equal(new Set(responses.map((response) => response.json.sessionId)).size, 1);
    assert.equal(responses.filter((response) => response.headers["idempotency-replayed"]).length, 3);
  }
});

test("both instances count the same rate limit", async () => {
  const left = async (instance) => Number(/r=(\d+)/.exec((await expect(200, instance.address, "GET", "/api/me")).headers.ratelimit)[1]);
  // If a busy machine does not let Redis respond within 100 ms, each instance counts by itself for some seconds.
  await until("both instances count together", async () => {
    const [first, second, third] = [await left(a), await left(b), await left(a)];
    return second === first - 1 && third === first - 2;
  });
});

test("a running reply is read at the other instance and through HAProxy, event by event, and resumed", async () => {
  const session = await create(a.address);
  const events = [];
  const others = [];
  let reply;
  for await (const event of stream(haproxy.address, "POST", `/api/sessions/${session}/replies`, { token, body: { content: "40 50" } })) {
    events.push(event);
    if (event.data.type !== "start") continue;
    reply = event.data.messageMetadata.replyId;
    for (const address of [a.address, b.address, haproxy.address])
      others.push(all(stream(address, "GET", `/api/sessions/${session}/stream`, { token })));
  }

  const text = numbers(40);
  assert.equal(textOf(events), text);
  for (const other of others) assert.equal(textOf(await other), text);
  const deltas = events.filter((event) => event.data.type === "text-delta");
  const span = deltas.at(-1).at - deltas[0].at;
  assert.ok(deltas.length >= 20 && span > 1000, `${deltas.length} events within ${span} ms`);

  for (const address of [a.address, b.address]) {
    const headers = { "Last-Event-ID": deltas[4].id };
    const resumed = await all(stream(address, "GET", `/api/sessions/${session}/replies/${reply}`, { token, headers }));
    assert.equal(textOf(events.slice(0, events.indexOf(deltas[4]) + 1)) + textOf(resumed), text);
  }
});

test("a rolling restart under 500 requests/s fails no request and loses nothing", async (context) => {
  const pool = await Promise.all(Array.from({ length: 40 }, () => create(haproxy.address)));
  const created = new Set();
  let appended = 0;
  const stop = load(500, async (n) => {
    const session = pool[n % pool.length];
    const headers = { "Idempotency-Key": `load-${n}` };
    switch (n % 10) {
      case 0:
        created.add(await create(haproxy.address, { body: { title: `Load ${n}` }, headers }));
        break;
      case 1:
      case 2:
        await expect(201, haproxy.address, "POST", `/api/sessions/${session}/messages`, {
          body: { role: "user", content: `${n}` },
          headers,
        });
        appended++;
        break;
      case 3:
      case 4:
        await expect(200, haproxy.address, "GET", `/api/sessions/${session}`);
        break;
      case 5:
        await expect(200, haproxy.address, "GET", `/api/sessions/${session}/messages?limit=20`);
        break;
      default:
        await expect(200, haproxy.address, "GET", "/api/sessions?limit=20");
    }
  });
  await delay(3000);
  const stops = [];
  for (const instance of [a, b]) {
    stops.push(await instance.stop());
    await restart(instance);
  }
  await delay(2000);
  const result = await stop();

  const rate = Math.round(result.sent / result.seconds);
  context.diagnostic(`${result.sent} requests in ${Math.round(result.seconds)} s (${rate}/s), ${result.failures.length} failed`);
  context.diagnostic(`median ${result.median} ms, p99 ${result.p99} ms, longest ${result.longest} ms`);
  context.diagnostic(`the instances stopped within ${stops.map((one) => one.seconds.toFixed(1)).join(" and ")} s`);
  assert.deepEqual(result.failures, []);
  assert.deepEqual(stops.map((one) => one.code), [0, 0]);
  const stored = await Promise.all(pool.map((session) => expect(200, a.address, "GET", `/api/sessions/${session}`)));
  const counts = stored.map((response) => response.json.messageCount);
  assert.equal(counts.reduce((sum, count) => sum + count), appended);
  for (const session of created) await expect(200, b.address, "GET", `/api/sessions/${session}`);
});

test("an instance that is killed under load fails no read, and no write with an Idempotency-Key", async (context) => {
  const session = await create(haproxy.address);
  let appended = 0;
  const stop = load(200, async (n) => {
    if (n % 2 === 0) return void (await expect(200, haproxy.address, "GET", `/api/sessions/${session}`));
    const options = { body: { role: "user", content: `${n}` }, headers: { "Idempotency-Key": `kill-${n}` } };
    await expect(201, haproxy.address, "POST", `/api/sessions/${session}/messages`, options);
    appended++;
  });
  await delay(1000);
  await b.kill();
  await delay(2000);
  const result = await stop();

  context.diagnostic(`${result.sent} requests, ${result.failures.length} failed`);
  assert.deepEqual(result.failures, []);
  assert.equal((await expect(200, a.address, "GET", `/api/sessions/${session}`)).json.messageCount, appended);
  await restart(b);
});

test("a stop lets a reply end that takes less than 10 s", async () => {
  const session = await create(a.address);
  const events = [];
  let stopping;
  for await (const event of stream(a.address, "POST", `/api/sessions/${session}/replies`, { token, body: { content: "40 100" } })) {
    events.push(event);
    if (event.data.type === "text-delta") stopping ??= a.stop();
  }

  assert.equal(textOf(events), numbers(40));
  assert.equal(events.at(-1).data, "[DONE]");
  assert.equal((await stopping).code, 0);
  await restart(a);
});

test("a stop interrupts a longer reply and keeps its text; the readers of others go on at the other instance", async () => {
  const [own, foreign] = [await create(a.address), await create(b.address)];
  const path = `/api/sessions/${foreign}/replies`;
  const complete = [];
  const cut = [];
  let reading, stopping;
  const writing = (async () => {
    for await (const event of stream(b.address, "POST", path, { token, body: { content: "100 100" } })) {
      complete.push(event);
      reading ??= assert.rejects(read(stream(a.address, "GET", `/api/sessions/${foreign}/stream`, { token }), cut));
    }
  })();
  const interrupted = [];
  for await (const event of stream(a.address, "POST", `/api/sessions/${own}/replies`, { token, body: { content: "1000 100" } })) {
    interrupted.push(event);
    if (event.data.type === "text-delta" && textOf(cut)) stopping ??= a.stop();
  }

  assert.equal(interrupted.at(-2).data.reason, "interrupted");
  assert.equal((await stopping).code, 0);
  const { messages } = (await expect(200, haproxy.address, "GET", `/api/sessions/${own}/messages`)).json;
  assert.equal(messages[1].content, textOf(interrupted));

  await reading;
  const reply = cut[0].data.messageMetadata.replyId;
  const rest = await all(stream(haproxy.address, "GET", `${path}/${reply}`, { token, headers: { "Last-Event-ID": cut.at(-1).id } }));
  await writing;
  assert.equal(textOf(complete), numbers(100));
  assert.equal(textOf(cut) + textOf(rest), numbers(100));
  await restart(a);
});

test("while no instance is ready, the response comes from Orion, with Retry-After", async () => {
  await postgres.stop();
  await haproxy.sees(0);
  const origin = "https://chat.example.com";
  const response = await expect(503, haproxy.address, "GET", "/api/me", { headers: { Origin: origin } });
  assert.equal(response.json.error, "unavailable");
  assert.ok(response.headers["retry-after"]);
  assert.equal(response.headers["access-control-allow-origin"], origin);
  await postgres.start();
  await haproxy.sees(2);
  await expect(200, haproxy.address, "GET", "/api/me");
});
