import { createHmac } from 'node:crypto';

const lifetimeSeconds = 300;

/** Creates a user token (HS256). It grants access to all data of its user, so it must not leave this server. */
export function mintUserToken({ secret, issuer, audience }, email) {
  const now = Math.floor(Date.now() / 1000);
  const encode = part => Buffer.from(JSON.stringify(part)).toString('base64url');
  const claims = { iss: issuer, aud: audience, sub: email, iat: now, exp: now + lifetimeSeconds };
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
