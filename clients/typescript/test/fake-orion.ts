import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ReplyFrame } from '../src/index.js';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What the fake server does with a request: it responds, streams, closes the connection, or does not respond. */
export type Step =
  | Stream
  | { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> }
  | 'cut'
  | 'silence';

/** A response that is a stream, by default of events: its pieces, and what happens after them. */
export interface Stream {
  readonly stream: readonly (string | Uint8Array)[];
  readonly then: 'end' | 'cut' | 'silence';
  readonly headers?: Record<string, string>;
}

/** A server on loopback that executes a script step by step, and records the requests. */
export class FakeOrion {
  readonly seen: Seen[] = [];
  readonly #script: Step[];
  readonly #server: Server;
  #streams = 0;

  private constructor(script: Step[]) {
    this.#script = [...script];
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        this.seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
        const step = this.#script.shift() ?? { status: 500 };
        if (step === 'silence') return;
        if (step === 'cut') {
          request.socket.destroy();
          return;
        }

        if ('stream' in step) {
          this.#streams++;
          response.on('close', () => this.#streams--);
          void send(response, step);
          return;
        }

        const type = step.status < 400 ? 'application/json' : 'application/problem+json';
        response.writeHead(step.status, { 'Content-Type': type, ...step.headers });
        response.end(step.body === undefined ? '' : typeof step.body === 'string' ? step.body : JSON.stringify(step.body));
      });
    });
  }

  static async start(...script: Step[]): Promise<FakeOrion> {
    const fake = new FakeOrion(script);
    await new Promise<void>(resolve => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Waits until the clients have closed all their connections, or keep them open without a request. */
  async isIdle(): Promise<void> {
    for (const until = Date.now() + 5000; this.#streams > 0; await new Promise(resolve => setTimeout(resolve, 10))) {
      if (Date.now() > until) throw new Error('A stream is still open.');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }
}

async function send(response: ServerResponse, { stream, then, headers }: Stream): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'x-vercel-ai-ui-message-stream': 'v1', ...headers });
  response.flushHeaders();
  response.socket?.setNoDelay();
  for (const piece of stream) {
    response.write(piece);
    await new Promise(resolve => setImmediate(resolve));
  }

  if (then === 'end') response.end();
  // Lets the pieces leave before the reset.
  if (then === 'cut') setTimeout(() => response.destroy(), 20);
}

export const sessionId = '01890a5d-ac96-774b-bcce-b302099a8057';

export const session = {
  sessionId, userId: 'you@example.com', title: 'New Chat', firstMessage: '', lastMessage: '', messageCount: 0,
  createdAt: '2026-01-02T03:04:05.000000Z', updatedAt: '2026-01-02T03:04:05.000000Z', version: 1, metadata: {},
};

export const message = {
  id: '01890a5d-ac96-774b-bcce-b302099a8058', sessionId, sequence: 1, role: 'user', content: 'Hello', timestamp: '2026-01-02T03:04:05.000000Z',
  metadata: {},
};

export const token = (value: string, expiresIn = 300) => ({
  token: value, tokenType: 'Bearer', expiresIn, expiresAt: '2026-01-02T03:09:05.000000Z', renewAfterSeconds: Math.max(1, Math.floor(expiresIn * 0.8)),
  sessionId,
});

export const replyId = '01890a5d-ac96-774b-bcce-b302099a8059';

export const reply = {
  replyId, sessionId, status: 'stopped', messageId: message.id, model: 'demo', text: 'Hello', createdAt: '2026-01-02T03:04:05.000000Z',
  finishedAt: '2026-01-02T03:04:06.000000Z', finishReason: 'stopped',
};

/** The frames of a reply. */
export const frames: ReplyFrame[] = [
  { type: 'start', messageId: message.id, messageMetadata: { replyId, model: 'demo' } },
  { type: 'reasoning-start', id: '1' },
  { type: 'reasoning-delta', id: '1', delta: 'Überlegen …' },
  { type: 'reasoning-end', id: '1' },
  { type: 'text-start', id: '2' },
  { type: 'text-delta', id: '2', delta: 'Grüße 👋\n\ndata: [DONE]\n' },
  { type: 'text-delta', id: '2', delta: '日本語' },
  { type: 'text-end', id: '2' },
  { type: 'finish', finishReason: 'stop' },
];
export const done = 'data: [DONE]\n\n';
export const ping = ': ping\n\n';
/** The frames with the numbers `from` to `to` as Orion sends them. */
export const events = (from = 1, to = frames.length) =>
  frames.slice(from - 1, to).map((frame, i) => `id: ${from + i}\ndata: ${JSON.stringify(frame)}\n\n`);
export const complete: Step = { stream: [...events(), done], then: 'end' };

export function errorResponse(status: number, error: string, headers: Record<string, string> = {}, more: object = {}): Step {
  const body = { type: 'about:blank', title: 'Refused', status, detail: 'No.', instance: '/api/sessions', error, requestId: 'r1', ...more };
  return { status, body, headers };
}
