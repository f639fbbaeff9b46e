// Runs before `next dev` and `next build`. Builds the client of this repository and installs the packages, if they have changed since the
// last time. A project of its own does not need this file: it depends on the archive that `npm pack` creates in clients/typescript.
import { execSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const sample = import.meta.dirname;
const client = join(sample, '../../clients/typescript');
const installed = join(sample, 'node_modules/orion-client');
const changed = file => (existsSync(file) ? statSync(file).mtimeMs : 0);
const newest = folder => Math.max(...readdirSync(folder).map(file => changed(join(folder, file))));
const npm = (folder, command) => execSync(`npm ${command} --no-audit --no-fund --loglevel=error`, { cwd: folder, stdio: 'inherit' });

if (changed(join(client, 'dist/index.js')) < newest(join(client, 'src'))) {
  npm(client, 'ci');
  npm(client, 'run --silent build');
}

const packages = changed(join(sample, 'node_modules/.package-lock.json'));
if (packages < changed(join(sample, 'package-lock.json')) || packages < changed(join(client, 'dist/index.js'))) {
  rmSync(installed, { recursive: true, force: true });
  npm(sample, 'install --no-save');
}

// The key of Auth.js's cookies in `next dev`.
const secret = join(sample, '.env.development.local');
if (!existsSync(secret)) writeFileSync(secret, `AUTH_SECRET=${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
