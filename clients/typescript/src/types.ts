import type { operations } from './schema.js';

// Taken from the operations, not from the schemas' names: those are the document's own affair.
type Answer<Operation extends keyof operations, Status extends keyof operations[Operation]['responses']> =
  operations[Operation]['responses'][Status] extends { content: { 'application/json': infer Body } } ? Body : never;

type Body<Operation extends keyof operations> =
  operations[Operation] extends { requestBody: { content: { 'application/json': infer Content } } } ? Content : never;

type Query<Operation extends keyof operations> = NonNullable<operations[Operation]['parameters']['query']>;

export type Session = Answer<'getSession', 200>;
export type SessionPage = Answer<'listSessions', 200>;
export type SessionQuery = Query<'listSessions'>;
export type NewSession = Body<'createSession'>;
export type SessionChange = Body<'changeSession'>;

export type Message = Answer<'getMessage', 200>;
export type MessagePage = Answer<'listMessages', 200>;
export type MessageQuery = Query<'listMessages'>;
export type NewMessage = Body<'appendMessage'>;

export type SessionToken = Answer<'mintSessionToken', 201>;
export type Me = Answer<'getMe', 200>;
