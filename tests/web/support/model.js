import { once } from 'node:events';
import { createServer } from 'node:http';

const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

const markdown = [
  '## A list\n\n', '1. **Bold** and `code`\n', '2. [A link](https://example.com/page)\n\n', '```js\nconst a = 1 < 2;\n```\n\n',
  '| left | right |\n|---|---|\n| 1 | 2 |\n\n', 'A wide line: `', 'x'.repeat(200), '`\n\n',
  '<script>document.title = "attacked"</script><img src="x" onerror="document.title = \'attacked\'">\n\n',
  '[A bad link](javascript:alert(1)) <b style="position:fixed" onclick="alert(1)">Raw</b> ', '![A picture](https://example.com/secret.png)\n\n', 'The end.',
];

/** What the model writes in reply to a message: pieces of text or reasoning, or the status of an error. The first word decides. */
const replies = {
  async *Count() {
    for (let i = 1; i <= 20; i++) {
      yield { content: `${i} ` };
      await pause(30);
    }
  },
  async *Forever() {
    for (let i = 1; ; i++) {
      yield { content: `${i} ` };
      await pause(50);
    }
  },
  async *Think() {
    yield { reasoning_content: 'First this, ' };
    yield { reasoning_content: 'then that.' };
    yield { content: 'Done.' };
  },
  async *Markdown() {
    for (const content of markdown) {
      yield { content };
      await pause(20);
    }
  },
  async *Break() {
    yield { content: 'Half a ' };
    // Lets the text leave before the connection is closed.
    await pause(500);
    throw new Error('The connection breaks.');
  },
};

/** Starts a server with an OpenAI-compatible API. `model.fails` is the status of an error for all requests; undefined for none. */
export async function startModel() {
  const model = { fails: undefined, requests: [] };
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') return response.setHeader('Content-Type', 'application/json').end('{"object":"list","data":[{"id":"stand-in","object":"model"}]}');
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    model.requests.push(body);
    if (model.fails) return response.writeHead(model.fails, { 'Content-Type': 'application/json' }).end('{"error":{"message":"No."}}');

    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const send = (delta, finish_reason = null) => response.write(`data: ${JSON.stringify({
      id: 'chat-1', object: 'chat.completion.chunk', created: 1, model: body.model, choices: [{ index: 0, delta, finish_reason }],
    })}\n\n`);
    const asked = body.messages.findLast(({ role }) => role === 'user').content;
    const text = typeof asked === 'string' ? asked : asked.map(part => part.text).join('');
    const write = replies[text.split(' ')[0]] ?? async function* () { yield { content: `You said: ${text}` }; };
    try {
      for await (const delta of write()) {
        if (response.closed) return;
        send(delta);
      }
    } catch {
      return response.destroy();
    }

    send({}, 'stop');
    response.end('data: [DONE]\n\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(model, {
    settings: { MODEL_URL: `http://127.0.0.1:${server.address().port}/v1`, MODEL_NAMES: 'stand-in', MODEL_API_KEY: 'a-key-for-tests' },
    end: () => new Promise(resolve => (server.closeAllConnections(), server.close(resolve))),
  });
}
