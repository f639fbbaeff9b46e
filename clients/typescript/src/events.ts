/** An event of a `text/event-stream`, as the HTML standard defines it, without the `event` and `retry` fields. */
export interface ServerSentEvent {
  /** The last `id` that the stream has sent; undefined before the first one. */
  readonly id: string | undefined;
  readonly data: string;
}

/** Parses a `text/event-stream` that arrives in pieces. */
export class EventParser {
  #rest = '';
  #data: string[] = [];
  #id: string | undefined;

  /** Returns the events that this piece completes. */
  push(text: string): ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    // A carriage return at the end can be the first half of a line break, so it stays in the rest.
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== '') this.#field(line);
      else if (this.#data.length > 0) {
        events.push({ id: this.#id, data: this.#data.join('\n') });
        this.#data = [];
      }
    }

    return events;
  }

  #field(line: string): void {
    // A line that begins with a colon is a comment: it has the name ''.
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === 'data') this.#data.push(value);
    if (name === 'id') this.#id = value;
  }
}

/**
 * Reads the events of a body. Ends at the end of the body, when the signal aborts, and after a silence; throws if the connection breaks.
 * Ending the iteration closes the connection.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>, longestSilenceSeconds: number, signal?: AbortSignal,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const reader = body.getReader();
  const parser = new EventParser();
  const decoder = new TextDecoder();
  // Ends a pending read. The connection may be broken already.
  const cancel = () => void reader.cancel().catch(() => {});
  signal?.addEventListener('abort', cancel, { once: true });
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    while (!signal?.aborted) {
      timer = setTimeout(cancel, longestSilenceSeconds * 1000);
      const { done, value } = await reader.read();
      clearTimeout(timer);
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
    cancel();
  }
}
