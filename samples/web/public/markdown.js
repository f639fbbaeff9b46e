// Renders the Markdown of a model. Its text is as untrusted as everything that it was given.
import DOMPurify from '/packages/dompurify.js';
import { Marked } from '/packages/marked.js';

const marked = new Marked({ gfm: true, breaks: true });

const rules = {
  RETURN_DOM_FRAGMENT: true,
  // No images: the address of an image can carry the text of the chat to another server.
  ALLOWED_TAGS: [
    'a', 'blockquote', 'br', 'code', 'del', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'li', 'ol', 'p', 'pre', 'strong', 'sub', 'sup', 'table',
    'tbody', 'td', 'th', 'thead', 'tr', 'ul',
  ],
  ALLOWED_ATTR: ['href', 'start', 'align'],
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
};

DOMPurify.addHook('afterSanitizeAttributes', node => {
  if (!node.hasAttribute('href')) return;
  node.setAttribute('target', '_blank');
  node.setAttribute('rel', 'noopener noreferrer');
});

/** Returns a document fragment. */
export const render = text => DOMPurify.sanitize(marked.parse(text), rules);
