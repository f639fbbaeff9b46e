import { notFound } from 'next/navigation';
import { unwrap } from 'orion-client';
import { orion } from '@/lib/orion';
import { Chat } from './chat';

export default async function ChatPage({ params, searchParams }: PageProps<'/chats/[id]'>) {
  const [{ id }, { message }] = await Promise.all([params, searchParams]);
  const client = await orion();
  const [session, messages] = await Promise.all([client.getSession(id), client.listMessages(id, { order: 'desc' })]);
  if (!session.ok && ['session_not_found', 'invalid_id'].includes(session.problem.error)) notFound();
  const opened = unwrap(session);

  const sequence = Number(message);
  const target = Number.isSafeInteger(sequence) && sequence > 0 ? sequence : undefined;

  // The version changes with each message: a chat that is opened again shows what has been written in the meantime.
  return <Chat key={opened.version} session={opened} initialPage={unwrap(messages)} target={target} />;
}
