import { orionUrl, serverClient } from '../../clients/typescript/dist/server.js';

/** Reads the settings of the sample from the environment. The client reads those of Orion. */
export function readSettings(environment) {
  const settings = {
    port: number(environment, 'SAMPLE_PORT', 3000, 0, 65535),
    // In the form that browsers send. With SAMPLE_PORT=0, the origin is known only when the server listens.
    origin: environment.SAMPLE_ORIGIN ? new URL(environment.SAMPLE_ORIGIN).origin : undefined,
    orion: new URL(orionUrl()).origin,
    person: environment.AUTHORIZED_USER_EMAIL || 'you@example.com',
    sessionTokenSeconds: number(environment, 'SESSION_TOKEN_SECONDS', 300, 1, 900),
  };
  // Fails if the secret is missing.
  serverClient(settings.person);
  return settings;
}

function number(environment, name, absent, min, max) {
  const text = environment[name];
  if (!text) return absent;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) throw new Error(`${name} must be a number from ${min} to ${max}.`);
  return value;
}
