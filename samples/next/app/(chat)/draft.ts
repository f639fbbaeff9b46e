import { useRef } from 'react';
import { newIdempotencyKey } from 'orion-client';

/**
 * Returns the key of a draft, and when it was first sent. The same content has the same key: a draft that is sent again after a failure, or
 * twice, creates one chat.
 */
export function useDraft() {
  const draft = useRef<{ content: string; key: string; sentAt: number }>(undefined);
  return {
    send(content: string) {
      if (draft.current?.content !== content) draft.current = { content, key: newIdempotencyKey(), sentAt: Date.now() };
      return draft.current;
    },
    forget: () => (draft.current = undefined),
  };
}
