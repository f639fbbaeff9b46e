// Tokens, requests, event streams, and a load with a constant rate.
import { createHmac, randomBytes } from "node:crypto";
import http from "node:http";
import https from "node:https";
import { performance } from "node:perf_hooks";

export const secret = randomBytes(64).toString("hex");
export const owner = "owner@example.com";

const json = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token of a user. */
export function userToken(user = owner) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: "https://chat.example.com", aud: "orion-core", sub: user, iat: now, exp: now + 3600 };
  const signed = `${json({ alg: "HS256", typ: "JWT" })}.${json(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

const agent = new https.Agent({ keepAlive: true });

function send(address, method, path, { token, body, headers } = {}) {
  return new Promise((resolve, reject) => {
    const url = new URL(path, address);
    const isDirect = url.protocol === "http:";
    const content = body === undefined ? undefined : JSON.stringify(body);
    const request = (isDirect ? http : https).request(
      url,
      {
        method,
        // An instance that restarts has closed its old connections.
        agent: isDirect ? false : agent,
        headers: {
          ...(token && { Authorization: `Bearer ${token}` }),
          ...(content && { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(content) }),
          ...(isDirect && { "X-Forwarded-Proto": "https" }),
          ...headers,
        },
      },
      resolve,
    );
    request.setTimeout(30_000, () => request.destroy(new Error("No response within 30 s")));
    request.once("error", reject).end(content);
  });
}

/** Sends a request, directly to an instance (http) or through HAProxy (https), and reads the response. */
export async function call(address, method, path, options) {
  const response = await send(address, method, path, options);
  let text = "";
  for await (const part of response.setEncoding("utf8")) text += part;
  const isJson = response.headers["content-type"]?.includes("json");
  return { status: response.statusCode, headers: response.headers, text, json: isJson && text ? JSON.parse(text) : undefined };
}

/** Opens an event stream, and yields its events: { id, data, at }. Throws if the connection is cut. */
export async function* stream(address, method, path, options = {}) {
  const response = await send(address, method, path, { ...options, headers: { Accept: "text/event-stream", ...options.headers } });
  if (response.statusCode !== 200) throw new Error(`${method} ${path}: ${response.statusCode}`);
  let rest = "";
  for await (const part of response.setEncoding("utf8")) {
    const blocks = (rest + part).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data === undefined) continue;
      yield { id: /^id: (.*)$/m.exec(block)?.[1], data: data === "[DONE]" ? data : JSON.parse(data), at: performance.now() };
    }
  }
}

/** The text of a stream's events. */
export const textOf = (events) => events.filter((event) => event.data.type === "text-delta").map((event) => event.data.delta).join("");

// More requests than this are not under way at the same time. So a machine that is too busy for the rate gets a lower one.
const maxInFlight = 64;

/**
 * Sends requests at a constant rate, also while others wait for their response, until it is stopped.
 * @param {number} rate requests per second
 * @param {(n: number) => Promise<void>} request sends one request, and throws if it fails
 */
export function load(rate, request) {
  const began = performance.now();
  const inFlight = new Set();
  const failures = [];
  const times = [];
  let sent = 0;
  let skipped = 0;
  const timer = setInterval(() => {
    for (const due = ((performance.now() - began) / 1000) * rate; sent + skipped < due; sent++) {
      if (inFlight.size >= maxInFlight) {
        skipped = due - sent;
        break;
      }

      const at = performance.now();
      const one = request(sent)
        .catch((error) => failures.push(`after ${((at - began) / 1000).toFixed(1)} s: ${error.message}`))
        .finally(() => {
          times.push(performance.now() - at);
          inFlight.delete(one);
        });
      inFlight.add(one);
    }
  }, 10);
  return async () => {
    clearInterval(timer);
    const seconds = (performance.now() - began) / 1000;
    await Promise.all(inFlight);
    times.sort((a, b) => a - b);
    const percentile = (share) => Math.round(times[Math.floor((times.length - 1) * share)]);
    return { sent, seconds, failures, median: percentile(0.5), p99: percentile(0.99), longest: percentile(1) };
  };
}
