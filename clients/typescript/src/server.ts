// For servers only: with the shared secret, these functions grant access to all data of every user.
import { OrionClient, type ClientOptions } from './client.js';

export interface UserTokenOptions {
  /** The shared secret. The key is its text: it is not decoded, even if it is hexadecimal. */
  readonly secret: string;
  /** Must equal Orion's `JWT_ISSUER`. */
  readonly issuer: string;
  /** Must equal Orion's `JWT_AUDIENCE`; by default `orion-core`. */
  readonly audience?: string;
  /** The lifetime of the token, up to Orion's `USER_TOKEN_MAX_SECONDS`; by default 300. */
  readonly expiresInSeconds?: number;
  /** Returns the current time in milliseconds since 1970; by default the system clock. */
  readonly now?: () => number;
}

/** Settings that are not given are read from the environment; see {@link serverClient}. */
export interface ServerOptions extends Partial<Pick<UserTokenOptions, 'secret' | 'issuer' | 'audience'>>, Pick<ClientOptions, 'fetch' | 'retry'> {
  readonly baseUrl?: string;
}

/**
 * Creates a user token: a JWT (HS256, RFC 7519) that grants access to all data of a user. It must not leave the server. Uses Web Crypto.
 * @param user The address of the signed-in user, from the server's own authentication.
 */
export async function mintUserToken(user: string, options: UserTokenOptions): Promise<string> {
  const { secret, issuer, audience = 'orion-core', expiresInSeconds = 300, now = Date.now } = options;
  const issuedAt = Math.floor(now() / 1000);
  const claims = { iss: issuer, aud: audience, sub: user, iat: issuedAt, exp: issuedAt + expiresInSeconds };
  const signed = `${base64Url(utf8(JSON.stringify({ alg: 'HS256', typ: 'JWT' })))}.${base64Url(utf8(JSON.stringify(claims)))}`;
  const key = await crypto.subtle.importKey('raw', utf8(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return `${signed}.${base64Url(new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(signed))))}`;
}

/**
 * A client with all rights of a user. It creates a user token for each attempt of a call.
 *
 * Reads what the options do not contain from the environment: `ORION_URL`, `ORION_SHARED_JWT_SECRET`, `JWT_ISSUER` and `JWT_AUDIENCE`. If
 * there is no secret, it reads the file `shared-jwt-secret` in the folder `ORION_DATA_DIR`. If `NODE_ENV` is not `production`, it also looks
 * for Orion's folder `.orion` in the working directory and its parents, and the address and issuer have Orion's defaults in Development.
 *
 * Neither the import nor this function reads the clock. The calls of the client do: in a server component of Next.js with
 * `cacheComponents`, they must follow `cookies()`, `headers()` or `connection()`.
 * @param user The address of the signed-in user, from the server's own authentication; never from a request's body or query.
 * @throws Error if a setting is missing.
 */
export function serverClient(user: string, options: ServerOptions = {}): OrionClient {
  if (!user) throw new TypeError('The address of the user is missing.');
  const token: UserTokenOptions = {
    secret: options.secret ?? secretFromEnvironment(),
    issuer: options.issuer ?? setting('JWT_ISSUER', 'ORION_SHARED_JWT_ISS') ?? required('JWT_ISSUER', 'http://localhost:3000'),
    audience: options.audience ?? setting('JWT_AUDIENCE', 'ORION_SHARED_JWT_AUD') ?? 'orion-core',
  };
  return new OrionClient({
    baseUrl: options.baseUrl ?? setting('ORION_URL') ?? required('ORION_URL', developmentUrl),
    token: () => mintUserToken(user, token),
    ...(options.fetch ? { fetch: options.fetch } : {}),
    ...(options.retry ? { retry: options.retry } : {}),
  });
}

/**
 * The address of Orion for pages: `ORION_PUBLIC_URL`, or `ORION_URL` if pages and server use the same address. Pass it to the page together
 * with its first data.
 * @throws Error if the setting is missing.
 */
export const orionUrl = (): string => setting('ORION_PUBLIC_URL', 'ORION_URL') ?? required('ORION_URL', developmentUrl);

const developmentUrl = 'http://localhost:3002';

interface Process {
  readonly env: Readonly<Record<string, string | undefined>>;
  cwd(): string;
  getBuiltinModule?(name: string): unknown;
}

// Other platforms than Node may not have it.
const platform = () => (globalThis as { readonly process?: Process }).process;

/** Returns the first of these variables that is set. An empty variable counts as absent, as in Orion. */
const setting = (...names: string[]): string | undefined => names.map(name => platform()?.env[name]).find(value => value);

const isProduction = () => setting('NODE_ENV') === 'production';

function required(name: string, inDevelopment: string): string {
  if (isProduction()) throw new Error(`Set ${name}.`);
  return inDevelopment;
}

function secretFromEnvironment(): string {
  const secret = setting('ORION_SHARED_JWT_SECRET') ?? readSecretFile();
  if (secret === undefined) {
    throw new Error(
      'Set ORION_SHARED_JWT_SECRET. In development, start Orion first, and set ORION_DATA_DIR to its folder .orion, which contains the secret.');
  }

  return secret;
}

/** Reads the secret that Orion's first start creates in Development. */
function readSecretFile(): string | undefined {
  // No import, because bundlers for other platforms cannot resolve it.
  const fs = platform()?.getBuiltinModule?.('node:fs') as { readFileSync(path: string, encoding: 'utf8'): string } | undefined;
  for (const folder of fs ? secretFolders() : []) {
    try {
      return fs?.readFileSync(`${folder}/shared-jwt-secret`, 'utf8').trim();
    } catch {
      // The next folder may contain the file.
    }
  }

  return undefined;
}

function secretFolders(): string[] {
  const configured = setting('ORION_DATA_DIR');
  if (configured !== undefined) return [configured];
  if (isProduction()) return [];
  const parts = platform()?.cwd().split(/[/\\]/) ?? [];
  return parts.map((_, i) => `${parts.slice(0, parts.length - i).join('/')}/.orion`);
}

const utf8 = (text: string) => new TextEncoder().encode(text);

const base64Url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
