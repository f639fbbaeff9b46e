import { useId, useState, type KeyboardEvent } from 'react';
import { messageOf, type Problem } from 'orion-client';

/** The field for the new text of a message. `onSend` resolves to a problem if the text must be kept. */
export function Edit({ text, onSend, onCancel }: {
  text: string;
  onSend: (text: string) => Promise<Problem | undefined>;
  onCancel: () => void;
}) {
  const hint = useId();
  const [edited, setEdited] = useState(text);
  const [isSending, setIsSending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const canSend = !isSending && edited.trim() !== '';

  async function send() {
    if (!canSend) return;
    setIsSending(true);
    setProblem(await onSend(edited));
    setIsSending(false);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape' && !isSending) onCancel();
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    void send();
  }

  return (
    // No action: the updates of its transition, and a navigation meanwhile, would wait for its end.
    <form
      className="edit"
      onSubmit={event => {
        event.preventDefault();
        void send();
      }}
    >
      <textarea
        aria-label="Edited message"
        aria-describedby={hint}
        autoFocus
        rows={Math.min(10, edited.split('\n').length + 1)}
        value={edited}
        onChange={event => setEdited(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <p id={hint} className="faint">This opens a new chat with the messages before this one. This chat stays as it is.</p>
      {problem && <p role="alert">{messageOf(problem)}</p>}
      <button className="primary" disabled={!canSend}>Ask again</button>
      <button type="button" disabled={isSending} onClick={onCancel}>Cancel</button>
    </form>
  );
}
