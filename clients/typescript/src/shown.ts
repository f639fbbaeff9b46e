import type { OrionClient } from './client.js';
import { OrionError } from './errors.js';
import { clientProblem, failed, succeeded, type Result } from './result.js';
import type { Role } from './types.js';

/** A message that a page shows. */
export interface ShownMessage {
  /** Orion's id of the message; if the page has sent it, the id that the page created. */
  readonly id: string;
  readonly role: Role;
  readonly content: string;
  /** Undefined if the page has sent the message, and has not read it from Orion. */
  readonly sequence?: number | undefined;
}

/**
 * Returns the sequence of a message of the user, for {@link OrionClient.editMessage}. If the page has sent the message, it is looked up by its
 * text among the messages that are newer than the last one before it that was read from Orion.
 * @param messages The messages that the page shows, oldest first.
 */
export async function sequenceOf(
  client: OrionClient, sessionId: string, messages: readonly ShownMessage[], id: string,
): Promise<Result<number>> {
  const index = messages.findIndex(message => message.id === id);
  const message = messages[index];
  if (message === undefined) return failed(notStored);
  if (message.sequence !== undefined) return succeeded(message.sequence);
  const isSame = ({ role, content }: Pick<ShownMessage, 'role' | 'content'>) => role === 'user' && content === message.content;
  const before = messages.slice(0, index).findLast(({ sequence }) => sequence !== undefined)?.sequence ?? 0;
  let later = messages.slice(index + 1).filter(isSame).length;
  try {
    for await (const stored of client.listAllMessages(sessionId, { order: 'desc', limit: 100 })) {
      // An older message with the same text is another one: Orion may have rejected this one.
      if (stored.sequence <= before) break;
      if (isSame(stored) && later-- === 0) return succeeded(stored.sequence);
    }
  } catch (error) {
    if (error instanceof OrionError) return failed(error.problem);
    throw error;
  }

  return failed(notStored);
}

const notStored = clientProblem('unexpected_answer', 'Orion does not have this message. Load the chat again.');
