// Installs the packages of the page, and builds the client, if they have changed since the last time.
import { execSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const sample = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const client = join(sample, '../../clients/typescript');
const changed = file => (existsSync(file) ? statSync(file).mtimeMs : 0);
const npm = (folder, command) => execSync(`npm ${command}`, { cwd: folder, stdio: 'inherit' });
const install = folder => npm(folder, 'ci --no-audit --no-fund');

if (changed(join(sample, 'node_modules/.package-lock.json')) < changed(join(sample, 'package-lock.json'))) install(sample);
if (changed(join(client, 'dist/index.js')) < Math.max(...readdirSync(join(client, 'src')).map(file => changed(join(client, 'src', file))))) {
  install(client);
  npm(client, 'run build');
}
