'use client';
import { Chat as AiChat, useChat } from '@ai-sdk/react';
import { useEffect, useRef, useState } from 'react';
import { messageOf, OrionClient, SessionTokens, type MessagePage, type Problem } from 'orion-client';
import { OrionChatTransport, problemOf, toUIMessages, type OrionUIMessage } from 'orion-client/ai';
import { Composer } from '../../composer';
import { useShared } from '../../shell';
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

export function Chat({ id, title, isArchived, initialPage }: { id: string; title: string; isArchived: boolean; initialPage: MessagePage }) {
  const { orionUrl, model, chats, created } = useShared();
  const [{ client, transport, chat }] = useState(() => {
    const client = new OrionClient({ baseUrl: orionUrl, token: SessionTokens.from(`/api/chats/${id}/token`) });
    const transport = new OrionChatTransport({ client });
    // useChat stops the chat that it creates itself when the component is unmounted. This one goes on.
    return { client, transport, chat: new AiChat<OrionUIMessage>({ id, transport, messages: toUIMessages(initialPage.messages) }) };
  });
  const { messages, setMessages, sendMessage, regenerate, resumeStream, status, error } = useChat({ chat });
  const [earlier, setEarlier] = useState(initialPage.nextCursor);
  const [isStopped, setIsStopped] = useState(false);
  const [failure, setFailure] = useState<Problem>();
  const [isOpening, setIsOpening] = useState(!isArchived && lacksReply(messages.at(-1)));
  const isOpened = useRef(false);

  const isBusy = isOpening || status === 'submitted' || status === 'streaming';
  const last = messages.at(-1);
  const options = { body: { model } };

  useEffect(() => {
    if (isOpened.current || !isOpening) return;
    isOpened.current = true;
    const isNew = created.current === id;
    created.current = undefined;
    void (isNew ? replied(regenerate(options)).finally(() => setIsOpening(false)) : catchUp());
  });

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
  async function read(cursor?: string) {
    const page = await client.listMessages(id, { order: 'desc', ...(cursor && { cursor }) });
    if (!page.ok) return setFailure(page.problem);
    setEarlier(page.value.nextCursor);
    setMessages(shown => [...toUIMessages(page.value.messages), ...(cursor ? shown : [])]);
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

  let note: string | undefined;
  if (error) note = error.message;
  else if (failure) note = messageOf(failure);
  else if (isStopped) note = endings['stopped'];
  else if (last?.role === 'user') note = 'There is no reply.';
  else note = endings[last?.metadata?.finishReason ?? ''];

  return (
    <>
      <Title id={id} title={title} isArchived={isArchived} />
      <div className="scroll">
        <ol className="messages" aria-live="polite" aria-busy={isBusy}>
          {earlier && <li className="center"><button disabled={isBusy} onClick={() => void read(earlier)}>Earlier messages</button></li>}
          {messages.map(message => <Message key={message.id} message={message} />)}
          {status === 'submitted' && <li className="faint">…</li>}
        </ol>
      </div>
      {note && !isBusy && (
        <p role={error || failure ? 'alert' : 'status'} className="note">
          {note} {!isArchived && (error || isStopped || lacksReply(last)) && <button onClick={() => void tryAgain()}>Try again</button>}
        </p>
      )}
      {!isArchived && <Composer onSend={send} onStop={isBusy ? () => void stop() : undefined} />}
    </>
  );
}
