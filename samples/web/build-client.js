// Builds the client if its sources have changed since the last build.
import { execSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../clients/typescript');
const newest = Math.max(...readdirSync(join(folder, 'src')).map(file => statSync(join(folder, 'src', file)).mtimeMs));
const built = join(folder, 'dist/index.js');

if (!existsSync(built) || statSync(built).mtimeMs < newest) {
  const npm = command => execSync(`npm ${command}`, { cwd: folder, stdio: 'inherit' });
  npm('ci --no-audit --no-fund');
  npm('run build');
}
