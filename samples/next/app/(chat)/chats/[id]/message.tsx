import { memo } from 'react';
import Markdown, { type Options } from 'react-markdown';
import rehypeHighlight from 'rehype-highlight';
import remarkGfm from 'remark-gfm';
import type { OrionUIMessage } from 'orion-client/ai';

// react-markdown creates React elements and no HTML: it shows the HTML of a model as text, and drops addresses such as `javascript:`.
const options: Options = {
  remarkPlugins: [remarkGfm],
  rehypePlugins: [rehypeHighlight],
  // No images: the address of an image can carry the text of the chat to another server.
  disallowedElements: ['img'],
  components: { a: ({ href, children }) => (href ? <a href={href} target="_blank" rel="noopener noreferrer">{children}</a> : children) },
};

/** `isTarget`: a search has found the message. `isCancelled`: its editing was cancelled last. */
export const Message = memo(function Message({ message, isTarget, isCancelled, onEdit }: {
  message: OrionUIMessage;
  isTarget: boolean;
  isCancelled: boolean;
  onEdit?: ((id: string) => void) | undefined;
}) {
  const parts = message.parts.map((part, index) => {
    if (part.type === 'reasoning') return <details key={index}><summary>Reasoning</summary>{part.text}</details>;
    if (part.type !== 'text') return null;
    return message.role === 'user' ? <p key={index}>{part.text}</p> : <Markdown key={index} {...options}>{part.text}</Markdown>;
  });
  return (
    <li className={message.role} tabIndex={isTarget ? -1 : undefined} aria-current={isTarget || undefined}>
      {message.role === 'user' ? <div>{parts}</div> : parts}
      {onEdit && <button autoFocus={isCancelled} onClick={() => onEdit(message.id)}>Edit</button>}
    </li>
  );
});
