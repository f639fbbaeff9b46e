'use client';
import { Chat as AiChat, useChat } from '@ai-sdk/react';
import { useEffect, useRef, useState } from 'react';
import { messageOf, OrionClient, SessionTokens, type MessagePage, type Problem, type Session } from 'orion-client';
import { OrionChatTransport, problemOf, sequenceOfUIMessage, toText, toUIMessages, type OrionUIMessage } from 'orion-client/ai';
import { editMessage } from '../../../actions';
import { Composer } from '../../composer';
import { useDraft } from '../../draft';
import { useShared } from '../../shell';
import { Time } from '../../time';
import { Edit } from './edit';
import { Message } from './message';
import { Title } from './title';

const endings: Record<string, string> = {
  error: 'The model failed.',
  interrupted: 'The reply was interrupted.',
  stopped: 'The reply was stopped.',
};

/** Whether Orion can reply to the last message of the user (again). */
const lacksReply = (message: OrionUIMessage | undefined) =>
  message !== undefined && (message.role === 'user' || (message.metadata?.finishReason ?? '') in endings);

const unreachable: Problem = { error: 'network_error', status: 0, detail: 'The server is unreachable.' };

/** An open chat. `target` is the sequence of the message to show, which a search has found. */
export function Chat({ session, initialPage, target }: { session: Session; initialPage: MessagePage; target: number | undefined }) {
  const { sessionId: id, expiresAt } = session;
  const isArchived = session.archivedAt !== undefined;
  const { orionUrl, model, chats, open, created } = useShared();
  const [{ client, transport, chat }] = useState(() => {
    const client = new OrionClient({ baseUrl: orionUrl, token: SessionTokens.from(`/api/chats/${id}/token`) });
    const transport = new OrionChatTransport({ client });
    // useChat stops the chat that it creates itself when the component is unmounted. This one goes on.
    return { client, transport, chat: new AiChat<OrionUIMessage>({ id, transport, messages: toUIMessages(initialPage.messages) }) };
  });
  const { messages, setMessages, sendMessage, regenerate, resumeStream, status, error } = useChat({ chat });
  const [earlier, setEarlier] = useState(initialPage.nextCursor);
  const [isReading, setIsReading] = useState(false);
  const [isStopped, setIsStopped] = useState(false);
  const [failure, setFailure] = useState<Problem>();
  const [isOpening, setIsOpening] = useState(!isArchived && lacksReply(messages.at(-1)));
  const isOpened = useRef(false);
  const [edited, setEdited] = useState<string>();
  // Its button gets the focus back.
  const [cancelled, setCancelled] = useState<string>();
  const draft = useDraft();
  const [isKept, setIsKept] = useState(false);
  const list = useRef<HTMLOListElement>(null);
  const sought = useRef<number>(undefined);
  const found = messages.find(({ metadata }) => target !== undefined && metadata?.sequence === target)?.id;

  const isBusy = isOpening || status === 'submitted' || status === 'streaming';
  const last = messages.at(-1);
  const isEditing = messages.some(({ id }) => id === edited);
  const options = { body: { model } };

  useEffect(() => {
    if (isOpened.current || !isOpening) return;
    isOpened.current = true;
    const isNew = created.current === id;
    created.current = undefined;
    void (isNew ? replied(regenerate(options)).finally(() => setIsOpening(false)) : catchUp());
  });

  useEffect(() => {
    if (target === undefined || isBusy || isReading || sought.current === target) return;
    sought.current = target;
    if (!found) void reading(seek(target));
  });

  useEffect(() => {
    const element = list.current?.querySelector<HTMLElement>(':scope > [aria-current]');
    element?.scrollIntoView({ block: 'center' });
    element?.focus({ preventScroll: true });
  }, [found]);

  /** After a reply, the list has a different order. */
  async function replied(reply: Promise<void>) {
    setFailure(undefined);
    setIsStopped(false);
    await reply;
    await chats.refresh();
  }

  /** Shows the running reply, or what it has become in the meantime. */
  async function catchUp() {
    setIsOpening(true);
    await replied(resumeStream());
    await read();
    setIsOpening(false);
  }

  /** Reads the newest messages, or the next older ones. */
  async function read(cursor?: string, limit = 100) {
    const page = await client.listMessages(id, { order: 'desc', limit, ...(cursor && { cursor }) });
    if (!page.ok) return setFailure(page.problem);
    setEarlier(page.value.nextCursor);
    setMessages(shown => [...toUIMessages(page.value.messages), ...(cursor ? shown : [])]);
    return page.value;
  }

  /** Reads the messages down to this one. */
  async function seek(sequence: number) {
    let cursor = earlier;
    let first = messages[0]?.metadata?.sequence ?? 0;
    while (cursor && first > sequence) {
      const page = await read(cursor, Math.min(1000, first - sequence + 10));
      cursor = page?.nextCursor;
      first = page?.messages.at(-1)?.sequence ?? 0;
    }
  }

  /** Each page of older messages continues the previous one, so only one is read at a time. */
  async function reading(pages: Promise<unknown>) {
    setIsReading(true);
    await pages;
    setIsReading(false);
  }

  /** Asks an earlier question differently, in a new chat. */
  async function edit(message: OrionUIMessage, text: string): Promise<Problem | undefined> {
    const sequence = await sequenceOfUIMessage(client, id, messages, message.id);
    if (!sequence.ok) return sequence.problem;
    const { key } = draft.send(`${sequence.value} ${text}`);
    const result = await editMessage(id, { sequence: sequence.value, content: text }, key).catch(() => undefined);
    if (!result?.ok) return result?.problem ?? unreachable;
    draft.forget();
    setEdited(undefined);
    if (location.pathname === `/chats/${id}`) open(result.value.sessionId);
    // Another chat has been opened meanwhile.
    else void chats.refresh();
    return undefined;
  }

  function cancel(messageId: string) {
    setCancelled(messageId);
    setEdited(undefined);
  }

  async function send(text: string) {
    void replied(sendMessage({ text }, options));
    return true;
  }

  async function stop() {
    setIsStopped(true);
    const result = await transport.stop(id);
    if (!result.ok) setFailure(result.problem);
  }

  function tryAgain() {
    // The connection to a reply is lost, or the reply runs for another page.
    const problem = problemOf(error);
    const isElsewhere = problem && (last?.role === 'assistant' || problem.error === 'reply_in_progress');
    return isElsewhere ? catchUp() : replied(regenerate(options));
  }

  // Orion may not have accepted the last message.
  const canEdit = (message: OrionUIMessage) =>
    message.role === 'user' && !isArchived && !isBusy && !isEditing && !(error && message === last);

  let note: string | undefined;
  if (error) note = error.message;
  else if (failure) note = messageOf(failure);
  else if (isStopped) note = endings['stopped'];
  else if (last?.role === 'user') note = 'There is no reply.';
  else note = endings[last?.metadata?.finishReason ?? ''];

  return (
    <>
      <Title id={id} title={session.title} isArchived={isArchived} />
      {expiresAt !== undefined && !isKept && (
        <p className="note">
          Temporary chat, deleted after <Time value={expiresAt} />.{' '}
          <button onClick={async () => setIsKept(await chats.keep(id))}>Keep</button>
        </p>
      )}
      <div className="scroll">
        <ol ref={list} className="messages" aria-live="polite" aria-busy={isBusy}>
          {earlier && (
            <li className="center">
              <button disabled={isBusy || isReading} onClick={() => void reading(read(earlier))}>Earlier messages</button>
            </li>
          )}
          {messages.map(message => (edited === message.id
            ? <li key={message.id}><Edit text={toText(message)} onSend={text => edit(message, text)} onCancel={() => cancel(message.id)} /></li>
            : (
              <Message
                key={message.id}
                message={message}
                isTarget={message.id === found}
                isCancelled={message.id === cancelled}
                onEdit={canEdit(message) ? setEdited : undefined}
              />
            )))}
          {status === 'submitted' && <li className="faint">…</li>}
        </ol>
      </div>
      {note && !isBusy && (
        <p role={error || failure ? 'alert' : 'status'} className="note">
          {note}{' '}
          {!isArchived && (error || isStopped || lacksReply(last)) && (
            <button disabled={isReading} onClick={() => void tryAgain()}>Try again</button>
          )}
        </p>
      )}
      {!isArchived && <Composer onSend={send} onStop={isBusy ? () => void stop() : undefined} />}
    </>
  );
}
