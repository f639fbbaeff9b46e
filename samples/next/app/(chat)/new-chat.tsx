'use client';
import { useState } from 'react';
import { messageOf } from 'orion-client';
import { createSession } from '../actions';
import { Composer } from './composer';
import { useDraft } from './draft';
import { useShared } from './shell';

const temporaryHours = 24;

/** Creates a chat with its first message. Its page then asks for the reply. */
export function NewChat() {
  const { open, openList } = useShared();
  const draft = useDraft();
  const [isTemporary, setIsTemporary] = useState(false);
  const [error, setError] = useState<string>();

  async function start(text: string): Promise<boolean> {
    const { key, sentAt } = draft.send(`${isTemporary} ${text}`);
    const expires = isTemporary ? { expiresAt: new Date(sentAt + temporaryHours * 3_600_000).toISOString() } : {};
    const result = await createSession({ firstMessage: text, ...expires }, key).catch(() => undefined);
    if (!result?.ok) {
      setError(result ? messageOf(result.problem) : 'The server is unreachable. Try again.');
      return false;
    }

    draft.forget();
    setIsTemporary(false);
    setError(undefined);
    open(result.value.sessionId);
    return true;
  }

  return (
    <>
      <header className="phone-only"><button onClick={openList}>Chats</button></header>
      <div className="scroll"><h1 className="center">How can I help?</h1></div>
      <p className="note">
        <label>
          <input type="checkbox" role="switch" checked={isTemporary} onChange={event => setIsTemporary(event.target.checked)} /> Temporary chat,
          {' '}deleted after {temporaryHours} hours
        </label>
      </p>
      {error && <p role="alert" className="note">{error}</p>}
      <Composer onSend={start} />
    </>
  );
}
