export { newIdempotencyKey, OrionClient, type CallOptions, type ChangeOptions, type ClientOptions, type Edit, type ReplyOptions, type WriteOptions } from './client.js';
export { messageOf, OrionError, unwrap } from './errors.js';
export { collectReply, ReplyStreamError, type CollectedReply, type ReplyFrame, type ReplyFrames } from './replies.js';
export {
  readProblem, serviceErrors,
  type ClientError, type ClientProblem, type Problem, type Result, type ServiceError, type ServiceProblem,
} from './result.js';
export { sequenceOf, type ShownMessage } from './shown.js';
export { splitSnippet, type SnippetPart } from './snippets.js';
export { SessionTokens, type ObtainSessionToken, type TokenSource } from './tokens.js';
export type { RetryOptions } from './transport.js';
export type {
  Fork, Me, Message, MessagePage, MessageQuery, Models, NewMessage, NewReply, NewSession, Reply, Role, SearchPage, SearchQuery, SearchResult,
  Session, SessionChange, SessionPage, SessionQuery, SessionToken,
} from './types.js';
export type { components, operations, paths } from './schema.js';
