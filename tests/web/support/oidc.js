import { createHash, createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const encode = value => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Starts an OpenID provider that signs in `provider.user` without a question. */
export async function startProvider() {
  const provider = { user: undefined };
  const codes = new Map();
  let issuer;
  const routes = {
    '/.well-known/openid-configuration': () => ({
      issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys`,
      // Auth.js requires it, but takes the claims from the ID token.
      userinfo_endpoint: `${issuer}/userinfo`,
      response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
    }),
    '/keys': () => ({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: '1', alg: 'RS256', use: 'sig' }] }),
    '/token': async request => {
      let text = '';
      for await (const chunk of request) text += chunk;
      const form = new URLSearchParams(text);
      const asked = codes.get(form.get('code'));
      codes.delete(form.get('code'));
      const credentials = Buffer.from(request.headers.authorization.slice('Basic '.length), 'base64').toString();
      const challenge = createHash('sha256').update(form.get('code_verifier')).digest('base64url');
      if (!asked || credentials !== 'sample:a-secret' || challenge !== asked.get('code_challenge')) return undefined;
      const now = Math.floor(Date.now() / 1000);
      const signed = `${encode({ alg: 'RS256', kid: '1' })}.${encode({
        iss: issuer, aud: 'sample', sub: '1', iat: now, exp: now + 60, ...(asked.has('nonce') ? { nonce: asked.get('nonce') } : {}), ...provider.user,
      })}`;
      const id_token = `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
      return { access_token: 'none', token_type: 'bearer', id_token };
    },
  };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, issuer);
    if (url.pathname === '/authorize') {
      const code = randomUUID();
      codes.set(code, url.searchParams);
      const back = new URL(url.searchParams.get('redirect_uri'));
      back.searchParams.set('code', code);
      if (url.searchParams.has('state')) back.searchParams.set('state', url.searchParams.get('state'));
      return response.writeHead(302, { Location: back.href }).end();
    }

    const body = await routes[url.pathname]?.(request);
    response.writeHead(body ? 200 : 400, { 'Content-Type': 'application/json' }).end(JSON.stringify(body ?? { error: 'invalid_grant' }));
  }).listen(0, 'localhost');
  await once(server, 'listening');
  issuer = `http://localhost:${server.address().port}`;
  return Object.assign(provider, {
    settings: { AUTH_OIDC_ISSUER: issuer, AUTH_OIDC_ID: 'sample', AUTH_OIDC_SECRET: 'a-secret', AUTH_OIDC_NAME: 'Example' },
    end: () => new Promise(resolve => (server.closeAllConnections(), server.close(resolve))),
  });
}
