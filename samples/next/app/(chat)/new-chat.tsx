'use client';
import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import { messageOf, newIdempotencyKey } from 'orion-client';
import { createSession } from '../actions';
import { Composer } from './composer';
import { useShared } from './shell';

/** Creates a chat with its first message. Its page then asks for the reply. */
export function NewChat() {
  const { chats, created, openList } = useShared();
  const router = useRouter();
  const draft = useRef({ text: '', key: '' });
  const [error, setError] = useState<string>();

  async function start(text: string): Promise<boolean> {
    // The same text has the same key: a message that is sent again after a failure creates one chat.
    if (draft.current.text !== text) draft.current = { text, key: newIdempotencyKey() };
    const result = await createSession(text, draft.current.key).catch(() => undefined);
    if (!result?.ok) {
      setError(result ? messageOf(result.problem) : 'The server is unreachable. Try again.');
      return false;
    }

    draft.current.text = '';
    setError(undefined);
    created.current = result.value.sessionId;
    router.push(`/chats/${result.value.sessionId}`);
    void chats.refresh();
    return true;
  }

  return (
    <>
      <header className="phone-only"><button onClick={openList}>Chats</button></header>
      <div className="scroll"><h1 className="center">How can I help?</h1></div>
      {error && <p role="alert" className="note">{error}</p>}
      <Composer onSend={start} />
    </>
  );
}
