import { newIdempotencyKey, type OrionClient, type ReplyOptions } from './client.js';
import { collectReply, type CollectedReply, type ReplyFrames } from './replies.js';
import type { Problem, Result } from './result.js';
import { sequenceOf } from './shown.js';
import { Store } from './store.js';
import type { Message, MessagePage, NewReply, Role } from './types.js';

/** A message as a page shows it. */
export interface ChatMessage {
  /** The id of the message in Orion. For a message that this page sent, the id that the page created. */
  readonly id: string;
  /** The position in the session, starting at 1. Absent until the messages are read again: see `sequenceOf`. */
  readonly sequence?: number;
  readonly role: Role;
  readonly content: string;
  /** The model's reasoning. Orion does not store it. */
  readonly reasoning?: string;
  /** Absent until the messages are read again. */
  readonly timestamp?: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** `failed`: Orion did not accept the message, or the connection to its reply is lost. */
  readonly state: 'stored' | 'sending' | 'streaming' | 'failed';
}

export interface ChatState {
  /** Oldest first. */
  readonly messages: readonly ChatMessage[];
  /** `submitted`: the reply is requested. `streaming`: it arrives. */
  readonly status: 'loading' | 'ready' | 'submitted' | 'streaming';
  /** The problem of the last action. */
  readonly problem?: Problem;
  /** Why the last reply ended, if it is not complete. */
  readonly ended?: Exclude<CollectedReply['finishReason'], 'stop' | undefined>;
  /** A text for users, if the model failed. */
  readonly errorText?: string;
  /** Whether there are older messages. */
  readonly hasEarlier: boolean;
  /** Whether `tryAgain` is possible: the last message has no complete reply. */
  readonly canTryAgain: boolean;
}

export interface ChatOptions {
  /** A client with a token for the session, or a function that creates it. */
  readonly client: OrionClient | ((sessionId: string) => OrionClient);
  /** The newest messages (`order: 'desc'`), if the page's server has read them. */
  readonly initialPage?: MessagePage;
  /** The number of messages in a page; by default 50. */
  readonly pageSize?: number;
  /** Whether to ask for a reply when the chat opens and its last message is the user's. Asks once for each message. */
  readonly autoReply?: boolean;
  /** Is called after the end of each reply. */
  readonly onReplied?: () => void;
}

/** An open chat: its messages, and the reply that is running. */
export class ChatStore extends Store<ChatState> {
  readonly #sessionId: string;
  readonly #options: ChatOptions;
  onReplied: (() => void) | undefined;
  #client: OrionClient | undefined;
  #opened = new AbortController();
  #cursor: string | undefined;
  #replyId: string | undefined;
  #isStopping = false;
  /** What was sent with a message that Orion has not accepted. */
  readonly #unsent = new Map<string, ReplyOptions>();

  constructor(sessionId: string, options: ChatOptions) {
    const page = options.initialPage;
    const messages = page ? oldestFirst(page) : [];
    super({ messages, status: 'loading', hasEarlier: page?.nextCursor !== undefined, canTryAgain: false });
    this.#sessionId = sessionId;
    this.#options = options;
    this.onReplied = options.onReplied;
    this.#cursor = page?.nextCursor;
  }

  /** Reads the newest messages, and continues a running reply. */
  readonly open = async (): Promise<void> => {
    this.close();
    const opened = (this.#opened = new AbortController());
    const isRead = this.#options.initialPage !== undefined && this.state.status === 'loading';
    this.#change({ status: 'loading' });
    if (!isRead && !(await this.#readNewest(opened))) return;
    const running = await this.#orion.resume(this.#sessionId, { signal: opened.signal });
    if (opened.signal.aborted) return;
    if (!running.ok) return this.#change({ status: 'ready', problem: running.problem });
    if (running.value !== null) return void (await this.#follow(running.value, opened));

    // The reply may have ended a moment ago.
    if (isUnanswered(this.#last) && isRead && !(await this.#readNewest(opened))) return;
    this.#change({ status: 'ready', ...endOf(this.#last) });
    const { autoReply } = this.#options;
    if (autoReply && isUnanswered(this.#last)) await this.#ask({ idempotencyKey: `reply-to-${this.#last.id}` }, opened);
  };

  /** Closes the connections. A running reply goes on. */
  readonly close = (): void => this.#opened.abort();

  /** Sends a message. Returns false if Orion did not accept it. */
  readonly send = async (text: string, more: Pick<NewReply, 'model' | 'metadata'> = {}): Promise<boolean> => {
    if (this.#isBusy) return false;
    const idempotencyKey = newIdempotencyKey();
    const message: ChatMessage = { id: idempotencyKey, role: 'user', content: text, metadata: more.metadata ?? {}, state: 'sending' };
    this.#change({ messages: [...this.state.messages, message] });
    return this.#send(message.id, { ...more, content: text, idempotencyKey });
  };

  /** Sends the last message again if Orion did not accept it; otherwise asks for another reply to it. */
  readonly tryAgain = async (): Promise<boolean> => {
    if (this.#isBusy || !this.state.canTryAgain) return false;
    const unsent = this.#last && this.#unsent.get(this.#last.id);
    return unsent && this.#last ? this.#send(this.#last.id, unsent) : this.#ask({}, this.#opened);
  };

  /** Stops the running reply. Its text is kept. */
  readonly stop = async (): Promise<void> => {
    if (this.#replyId === undefined) this.#isStopping = this.state.status === 'submitted';
    else this.#report(await this.#orion.stop(this.#sessionId, this.#replyId));
  };

  /** Reads the next older messages. */
  readonly loadEarlier = async (): Promise<void> => {
    const cursor = this.#cursor;
    if (cursor === undefined) return;
    const opened = this.#opened;
    const page = await this.#read(opened, { cursor });
    if (opened.signal.aborted || cursor !== this.#cursor || !this.#report(page) || !page.ok) return;
    this.#cursor = page.value.nextCursor;
    this.#change({ messages: [...oldestFirst(page.value), ...this.state.messages], hasEarlier: this.#cursor !== undefined });
  };

  /** Returns the sequence of a message of the user, to edit it: see `editMessage` of the client, which needs a user token. */
  readonly sequenceOf = (messageId: string): Promise<Result<number>> =>
    sequenceOf(this.#orion, this.#sessionId, this.state.messages.filter(({ id }) => !this.#unsent.has(id)), messageId);

  get #orion(): OrionClient {
    const { client } = this.#options;
    return (this.#client ??= typeof client === 'function' ? client(this.#sessionId) : client);
  }

  get #last(): ChatMessage | undefined {
    return this.state.messages.at(-1);
  }

  get #isBusy(): boolean {
    return this.state.status !== 'ready';
  }

  #read(opened: AbortController, more: { cursor?: string } = {}) {
    return this.#orion.listMessages(
      this.#sessionId, { order: 'desc', limit: this.#options.pageSize ?? 50, ...more }, { signal: opened.signal });
  }

  async #readNewest(opened: AbortController): Promise<boolean> {
    const page = await this.#read(opened);
    if (opened.signal.aborted) return false;
    if (!page.ok) {
      this.#change({ status: 'ready', problem: page.problem });
      return false;
    }

    this.#cursor = page.value.nextCursor;
    const messages = oldestFirst(page.value);
    // Orion may have stored a message although there was no response.
    const stored = messages.findLast(({ role }) => role === 'user')?.content;
    const unsent = this.state.messages.filter(({ id, content }) => this.#unsent.has(id) && content !== stored);
    this.#change({
      messages: [...messages, ...unsent.map((message): ChatMessage => ({ ...message, state: 'failed' }))],
      hasEarlier: this.#cursor !== undefined,
    });
    return true;
  }

  async #send(messageId: string, options: ReplyOptions): Promise<boolean> {
    this.#unsent.set(messageId, options);
    this.#changeMessage(messageId, { state: 'sending' });
    const isAccepted = await this.#ask(options, this.#opened, () => {
      this.#unsent.delete(messageId);
      this.#changeMessage(messageId, { state: 'stored' });
    });
    if (!isAccepted) this.#changeMessage(messageId, { state: 'failed' });
    return isAccepted;
  }

  #ask(options: ReplyOptions, opened: AbortController, onStart?: () => void): Promise<boolean> {
    return this.#follow(this.#orion.reply(this.#sessionId, { ...options, signal: opened.signal }), opened, onStart);
  }

  /** Shows a reply until its end. Returns false if it did not begin. */
  async #follow(frames: ReplyFrames, opened: AbortController, onStart: () => void = () => {}): Promise<boolean> {
    let shown: string | undefined;
    this.#isStopping = false;
    this.#change({ status: 'submitted' });
    const result = await collectReply(frames, reply => {
      if (opened.signal.aborted || reply.messageId === undefined) return;
      if (shown === undefined) {
        onStart();
        shown = reply.messageId;
        this.#replyId = reply.replyId;
        if (this.#isStopping) void this.stop();
      }

      this.#show(reply, reply.messageId);
    });
    if (opened.signal.aborted) return shown !== undefined;

    this.#replyId = undefined;
    if (!result.ok) {
      if (shown !== undefined) this.#changeMessage(shown, { state: 'failed' });
      this.#change({ status: 'ready', problem: result.problem });
      return shown !== undefined;
    }

    const { finishReason, errorText, text } = result.value;
    // Orion stores no message without text.
    if (text === '') this.#change({ messages: this.state.messages.filter(({ id }) => id !== shown) });
    else if (shown !== undefined) this.#changeMessage(shown, { state: 'stored', metadata: { model: result.value.model, finishReason } });
    this.#change({
      status: 'ready',
      ...(finishReason === undefined || finishReason === 'stop' ? {} : { ended: finishReason }),
      ...(errorText === undefined ? {} : { errorText }),
    });
    this.onReplied?.();
    return true;
  }

  #show({ text, reasoning, replyId, model }: CollectedReply, id: string): void {
    const message: ChatMessage = {
      id, role: 'assistant', content: text, metadata: { replyId, model }, state: 'streaming', ...(reasoning === '' ? {} : { reasoning }),
    };
    this.#change({ status: 'streaming', messages: [...this.state.messages.filter(existing => existing.id !== id), message] });
  }

  #changeMessage(id: string, change: Partial<ChatMessage>): void {
    this.#change({ messages: this.state.messages.map(message => (message.id === id ? { ...message, ...change } : message)) });
  }

  /** Shows the problem of a call. */
  #report(result: { readonly ok: true } | { readonly ok: false; readonly problem: Problem }): boolean {
    if (!result.ok) this.set({ ...this.state, problem: result.problem });
    return result.ok;
  }

  /** A new status replaces what the previous one has reported. */
  #change(change: Partial<ChatState>): void {
    const { problem, ended, errorText, ...kept } = this.state;
    const next = { ...(change.status === undefined ? this.state : kept), ...change };
    this.set({ ...next, canTryAgain: next.status === 'ready' && canTryAgain(next) });
  }
}

const oldestFirst = ({ messages }: MessagePage): ChatMessage[] =>
  messages.map((message: Message): ChatMessage => ({
    id: message.id, sequence: message.sequence, role: message.role, content: message.content, timestamp: message.timestamp,
    metadata: message.metadata, state: 'stored',
  })).reverse();

/** Whether a message is the user's, and Orion has stored it. */
const isUnanswered = (message: ChatMessage | undefined): message is ChatMessage => message?.role === 'user' && message.state === 'stored';

const incomplete = ['stopped', 'interrupted', 'error'] as const;

/** What Orion stores about the end of a reply. */
function endOf(message: ChatMessage | undefined): Pick<ChatState, 'ended'> {
  const reason = message?.role === 'assistant' ? message.metadata['finishReason'] : undefined;
  const ended = [...incomplete, 'length' as const].find(known => known === reason);
  return ended === undefined ? {} : { ended };
}

function canTryAgain({ messages, ended }: Pick<ChatState, 'messages' | 'ended'>): boolean {
  const last = messages.at(-1);
  return last?.role === 'user' || incomplete.some(reason => reason === ended);
}
