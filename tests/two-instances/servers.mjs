// Starts PostgreSQL, Redis, a model, instances of Orion and HAProxy on free ports of loopback.
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import net from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { call, owner, secret } from "./client.mjs";

const root = new URL("../../", import.meta.url).pathname;
const folder = process.env.FOLDER;

/** Waits until the function returns something. */
export async function until(what, condition, seconds = 120) {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (performance.now() > end) throw new Error(`Not within ${seconds} s: ${what}`);
    await delay(50);
  }
}

export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => net.createServer());
  await Promise.all(servers.map((server) => once(server.listen(0, "127.0.0.1"), "listening")));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

const listens = (port) =>
  new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.unref().once("connect", () => socket.destroy());
  });

function start(name, command, environment = process.env) {
  const log = openSync(`${folder}/${name}.log`, "a");
  return spawn(command[0], command.slice(1), { env: environment, stdio: ["ignore", log, log] });
}

const logOf = (name) => readFileSync(`${folder}/${name}.log`, "utf8").slice(-4000);

/** PostgreSQL, by the script that starts it for the integration tests. It stops the server when this process has ended. */
export async function startPostgres() {
  const password = randomBytes(16).toString("hex");
  const [port] = await freePorts(1);
  const unprivileged = process.getuid() === 0 ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] : [];
  // The account nobody may not be allowed to read the file.
  const script = readFileSync(`${root}tests/Orion.IntegrationTests/Fixtures/cluster.sh`, "utf8");
  const [program, ...parameters] = [...unprivileged, "sh", "-c", script, "cluster.sh", process.env.POSTGRES, "/tmp"];
  const shell = spawn(program, parameters, {
    cwd: "/tmp",
    env: { PATH: process.env.PATH, ORION_CLUSTER_PASSWORD: password },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: shell.stdout })[Symbol.asyncIterator]();
  const said = async () => {
    const { value } = await lines.next();
    if (value !== "ok") throw new Error(`PostgreSQL: ${value}`);
  };
  const command = async (text) => {
    shell.stdin.write(`${text}\n`);
    await said();
  };
  await said();
  await command(`start ${port}`);
  return {
    url: `postgresql://orion:${password}@127.0.0.1:${port}/postgres`,
    start: () => command(`start ${port}`),
    stop: () => command("stop"),
    end: async () => {
      shell.stdin.end();
      await once(shell, "exit");
    },
  };
}

export async function startRedis() {
  const [port] = await freePorts(1);
  const redis = start("redis", ["redis-server", "--bind", "127.0.0.1", "--port", String(port), "--save", "", "--appendonly", "no"]);
  await until("Redis listens", () => listens(port));
  return { url: `redis://127.0.0.1:${port}`, end: () => redis.kill("SIGKILL") };
}

/** A model whose replies are numbers. The message says how many, and the milliseconds between them: "20 50". */
export async function startModel() {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const [count, pause] = JSON.parse(body).messages.findLast((message) => message.role === "user").content.split(" ").map(Number);
    const common = { id: "1", object: "chat.completion.chunk", created: 1, model: "numbers", choices: [] };
    const chunk = (members) => response.write(`data: ${JSON.stringify({ ...common, ...members })}\n\n`);
    const choice = (delta, finish_reason = null) => chunk({ choices: [{ index: 0, delta, finish_reason }] });
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    for (let n = 1; n <= count && !response.destroyed; n++) {
      choice({ content: `${n} ` });
      await delay(pause);
    }
    choice({}, "stop");
    chunk({ usage: { prompt_tokens: 1, completion_tokens: count, total_tokens: count + 1 } });
    response.end("data: [DONE]\n\n");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    end: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** An instance of Orion with the settings of production behind a proxy on the same machine. */
export class Instance {
  #process;

  constructor(name, port, settings) {
    Object.assign(this, { name, port, settings, address: `http://127.0.0.1:${port}` });
    mkdirSync(`${folder}/${name}`, { mode: 0o700 });
  }

  start() {
    this.#process = start(this.name, ["dotnet", `${root}src/Orion.Api/bin/Debug/net10.0/Orion.Api.dll`], {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ASPNETCORE_ENVIRONMENT: "Production",
      ASPNETCORE_URLS: this.address,
      ORION_ENV_FILE: "none",
      ORION_DATA_DIR: `${folder}/${this.name}`,
      ORION_SHARED_JWT_SECRET: secret,
      JWT_ISSUER: "https://chat.example.com",
      AUTHORIZED_USER_EMAIL: owner,
      ALLOWED_ORIGINS: "https://chat.example.com",
      RATE_LIMIT_MAX_REQUESTS: "10000000",
      REPLIES_PER_USER: "10",
      MODEL_NAMES: "numbers",
      ...this.settings,
    });
  }

  get hasEnded() {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  async becomesReady() {
    await until(`${this.name} is ready`, async () => {
      if (this.hasEnded) throw new Error(`${this.name} has ended:\n${logOf(this.name)}`);
      const response = await call(this.address, "GET", "/health/ready").catch(() => null);
      return response?.status === 200;
    });
  }

  /** Sends SIGTERM, and waits for the end. Returns the exit code and the seconds. */
  async stop() {
    const began = performance.now();
    this.#process.kill("SIGTERM");
    if (!this.hasEnded) await once(this.#process, "exit");
    return { code: this.#process.exitCode, seconds: (performance.now() - began) / 1000 };
  }

  async kill() {
    this.#process.kill("SIGKILL");
    await once(this.#process, "exit");
  }

  end() {
    this.#process?.kill("SIGKILL");
  }
}

/** HAProxy with the project's configuration. Only paths, ports and accounts differ. */
export async function startHaproxy(instances) {
  const [port] = await freePorts(1);
  const socket = `${folder}/haproxy.sock`;
  let configuration = readFileSync(`${root}deploy/haproxy/haproxy.cfg`, "utf8");
  const replace = (from, to) => {
    if (!configuration.includes(from)) throw new Error(`haproxy.cfg does not contain ${from}`);
    configuration = configuration.replaceAll(from, to);
  };
  replace("log /dev/log local0", "log stdout format raw local0");
  replace("    user haproxy\n    group haproxy\n    chroot /var/lib/haproxy\n", "");
  replace("/run/haproxy/admin.sock user haproxy", socket);
  replace("bind :443 ssl crt /etc/haproxy/orion.pem", `bind 127.0.0.1:${port} ssl crt ${folder}/orion.pem`);
  replace("127.0.0.1:3002", `127.0.0.1:${instances[0].port}`);
  replace("127.0.0.1:3003", `127.0.0.1:${instances[1].port}`);
  writeFileSync(`${folder}/haproxy.cfg`, configuration);
  execFileSync("haproxy", ["-c", "-f", `${folder}/haproxy.cfg`], { stdio: "pipe" });
  const haproxy = start("haproxy", ["haproxy", "-db", "-f", `${folder}/haproxy.cfg`]);
  await until("HAProxy listens", () => listens(port));
  const stat = async () => {
    const connection = net.connect(socket);
    connection.end("show stat\n");
    let text = "";
    for await (const part of connection) text += part;
    return text.trim().split("\n").map((line) => line.split(","));
  };
  return {
    address: `https://localhost:${port}`,
    log: () => readFileSync(`${folder}/haproxy.log`, "utf8"),
    /** Waits until HAProxy sends requests to this many instances. */
    sees: (count) =>
      until(`HAProxy sees ${count} instances`, async () => {
        // Its socket is not there at once.
        const rows = await stat().catch(() => []);
        return rows.filter((row) => row[0] === "orion" && row[1] !== "BACKEND" && row[17].startsWith("UP")).length === count;
      }),
    end: () => haproxy.kill("SIGKILL"),
  };
}
