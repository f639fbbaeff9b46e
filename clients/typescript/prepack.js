// Builds the package before `npm pack`. Installs the development tools first if they are missing, for example in a new clone.
import { execSync } from 'node:child_process';
import { existsSync } from 'node:fs';

// The standard output of npm pack is the name of the archive.
const run = command => execSync(command, { stdio: ['ignore', process.stderr, 'inherit'] });

if (!existsSync('node_modules/typescript')) run('npm ci --no-audit --no-fund --loglevel=error');
run('npm run --silent build');
