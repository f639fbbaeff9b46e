import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Reads the settings from the environment. The defaults are those of Orion in Development. */
export function readSettings(environment, root) {
  const port = number(environment, 'SAMPLE_PORT', 3000, 0, 65535);
  return {
    port,
    // In the form that browsers send. With SAMPLE_PORT=0, the origin is known only when the server listens.
    origin: environment.SAMPLE_ORIGIN ? new URL(environment.SAMPLE_ORIGIN).origin : undefined,
    orion: new URL(environment.ORION_URL || 'http://localhost:3002').origin,
    secret: secret(environment, root),
    issuer: environment.JWT_ISSUER || environment.ORION_SHARED_JWT_ISS || 'http://localhost:3000',
    audience: environment.JWT_AUDIENCE || environment.ORION_SHARED_JWT_AUD || 'orion-core',
    person: environment.AUTHORIZED_USER_EMAIL || 'you@example.com',
    sessionTokenSeconds: number(environment, 'SESSION_TOKEN_SECONDS', 300, 1, 900),
  };
}

function secret(environment, root) {
  if (environment.ORION_SHARED_JWT_SECRET) return environment.ORION_SHARED_JWT_SECRET;
  const file = join(environment.ORION_DATA_DIR || join(root, '.orion'), 'shared-jwt-secret');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new Error(`The secret is missing. Start Orion, which creates ${file}, or set ORION_SHARED_JWT_SECRET.`);
  }
}

function number(environment, name, absent, min, max) {
  const text = environment[name];
  if (!text) return absent;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) throw new Error(`${name} must be a number from ${min} to ${max}.`);
  return value;
}
