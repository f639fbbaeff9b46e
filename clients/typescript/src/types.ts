import type { operations } from './schema.js';

// Derived from the operations, because the names of the schemas can change.
type ResponseBody<Operation extends keyof operations, Status extends keyof operations[Operation]['responses']> =
  operations[Operation]['responses'][Status] extends { content: { 'application/json': infer Body } } ? Body : never;

type RequestBody<Operation extends keyof operations> =
  operations[Operation] extends { requestBody: { content: { 'application/json': infer Content } } } ? Content : never;

type Query<Operation extends keyof operations> = NonNullable<operations[Operation]['parameters']['query']>;

export type Session = ResponseBody<'getSession', 200>;
export type SessionPage = ResponseBody<'listSessions', 200>;
export type SessionQuery = Query<'listSessions'>;
export type NewSession = RequestBody<'createSession'>;
/** The part of a session to copy, and the title of the copy. */
export type Fork = RequestBody<'forkSession'>;
export type SessionChange = RequestBody<'changeSession'>;

export type Message = ResponseBody<'getMessage', 200>;
export type MessagePage = ResponseBody<'listMessages', 200>;
export type MessageQuery = Query<'listMessages'>;
export type NewMessage = RequestBody<'appendMessage'>;
/** The author of a message. */
export type Role = Message['role'];

export type SessionToken = ResponseBody<'mintSessionToken', 201>;
export type Me = ResponseBody<'getMe', 200>;

export type Reply = ResponseBody<'getReply', 200>;
export type NewReply = RequestBody<'createReply'>;
export type Models = ResponseBody<'listModels', 200>;

export type SearchPage = ResponseBody<'search', 200>;
export type SearchQuery = Query<'search'>;
/** A message, or the title of a session, that contains the words. */
export type SearchResult = SearchPage['results'][number];
