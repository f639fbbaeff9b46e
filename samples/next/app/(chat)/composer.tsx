'use client';
import { useState, type KeyboardEvent } from 'react';
import { useShared } from './shell';

/** The field for a message. `onSend` resolves to false if the text must be kept; with `onStop`, a reply is running. */
export function Composer({ onSend, onStop }: { onSend: (text: string) => Promise<boolean>; onStop?: (() => void) | undefined }) {
  const { models, model, setModel } = useShared();
  const [text, setText] = useState('');
  const [isSending, setIsSending] = useState(false);
  const canSend = !isSending && !onStop && text.trim() !== '';

  async function send() {
    if (!canSend) return;
    setIsSending(true);
    if (await onSend(text)) setText('');
    setIsSending(false);
  }

  function sendOnEnter(event: KeyboardEvent) {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  }

  return (
    <form className="composer" action={send}>
      <textarea
        aria-label="Message"
        placeholder="Write a message"
        rows={2}
        value={text}
        onChange={event => setText(event.target.value)}
        onKeyDown={sendOnEnter}
      />
      {models.length > 1 && (
        <select aria-label="Model" value={model} onChange={event => setModel(event.target.value)}>
          {models.map(name => <option key={name}>{name}</option>)}
        </select>
      )}
      {onStop ? <button type="button" onClick={onStop}>Stop</button> : <button className="primary" disabled={!canSend}>Send</button>}
    </form>
  );
}
