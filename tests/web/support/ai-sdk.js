/** The AI SDK's chat without a user interface. `@ai-sdk/react` has the same class with React's state. */
export function chatOf(sdk, init) {
  const state = {
    status: 'ready',
    error: undefined,
    messages: init.messages ?? [],
    pushMessage(message) {
      this.messages = [...this.messages, message];
    },
    popMessage() {
      this.messages = this.messages.slice(0, -1);
    },
    replaceMessage(index, message) {
      this.messages = this.messages.with(index, message);
    },
    snapshot: value => structuredClone(value),
  };
  class Chat extends sdk.AbstractChat {}
  return new Chat({ ...init, state });
}

/** The options of `DefaultChatTransport` for a page without `orion-client/ai`. */
export const transportOptions = (orion, sessionId, token) => ({
  // Without this type, Orion's response to the POST is not a stream.
  headers: async () => ({ Accept: 'text/event-stream', Authorization: `Bearer ${await token()}` }),
  prepareSendMessagesRequest: ({ messages, trigger, headers }) => {
    const api = `${orion}/api/sessions/${sessionId}/replies`;
    // regenerate(): Orion replies to the last message of the user again.
    if (trigger !== 'submit-message') return { api, headers, body: {} };
    const { id, parts } = messages.at(-1);
    const content = parts.filter(part => part.type === 'text').map(part => part.text).join('');
    return { api, headers: { ...headers, 'Idempotency-Key': id }, body: { content } };
  },
  prepareReconnectToStreamRequest: ({ headers }) => ({ api: `${orion}/api/sessions/${sessionId}/stream`, headers }),
});

/** Converts a message of Orion to a message of the AI SDK. */
export const toUIMessage = ({ id, role, content, metadata }) => ({ id, role, metadata, parts: [{ type: 'text', text: content }] });

export const textOf = message => message.parts.filter(part => part.type === 'text').map(part => part.text).join('');
