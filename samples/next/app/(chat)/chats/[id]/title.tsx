'use client';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useShared } from '../../shell';

/** The title of the open chat, and what can be done with the chat. The shell shows failures. */
export function Title({ id, title, isArchived }: { id: string; title: string; isArchived: boolean }) {
  const { chats, openList } = useShared();
  const router = useRouter();
  const [renamed, setRenamed] = useState(title);
  // The list may not contain the chat, because it is archived or on a later page.
  const current = chats.sessions.find(({ sessionId }) => sessionId === id)?.title ?? renamed;

  async function rename(form: FormData) {
    const changed = String(form.get('title')).trim();
    if (changed && changed !== current && (await chats.rename(id, changed))) setRenamed(changed);
  }

  async function archive() {
    if (!(await chats.archive(id, !isArchived))) return;
    if (isArchived) router.refresh();
    else router.push('/');
  }

  async function remove() {
    if (confirm(`Delete “${current}”?`) && (await chats.remove(id))) router.push('/');
  }

  return (
    <header>
      <button className="phone-only" onClick={openList}>Chats</button>
      <form action={rename}>
        <input
          key={current}
          name="title"
          aria-label="Title"
          defaultValue={current}
          maxLength={200}
          onBlur={event => event.target.form!.requestSubmit()}
        />
      </form>
      <button onClick={() => void archive()}>{isArchived ? 'Restore' : 'Archive'}</button>
      <button className="danger" onClick={() => void remove()}>Delete</button>
    </header>
  );
}
