// The published schemas of Kubernetes and of the Prometheus operator, from npm: validators that were compiled from the JSON schemas, and
// TypeScript types, which also find unknown fields.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';

const moduleOf = ({ apiVersion, kind }) =>
  `${apiVersion.startsWith('monitoring.coreos.com/') ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models'}/${apiVersion}/${kind}`;

/** What the JSON schema of an object's kind rejects in it: types, formats, enumerations and missing fields. */
export async function schemaErrors(object) {
  try {
    const { [object.kind]: Model } = await import(moduleOf(object));
    new Model(object).validate();
    return [];
  } catch (error) {
    return [error.message];
  }
}

/** For each object the errors of the TypeScript compiler, which include unknown fields. */
export function typeErrors(objects) {
  const folder = mkdtempSync(new URL('node_modules/.types-', import.meta.url).pathname);
  try {
    const lines = objects.map((object, i) =>
      `export const o${i}: import('${moduleOf(object)}').I${object.kind} = ${JSON.stringify(object)};`);
    writeFileSync(`${folder}/objects.ts`, lines.join('\n'));
    const { stdout } = spawnSync(process.execPath, [
      new URL('node_modules/typescript/bin/tsc', import.meta.url).pathname,
      '--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'nodenext', '--pretty', 'false', `${folder}/objects.ts`,
    ], { encoding: 'utf8' });
    const errors = objects.map(() => []);
    for (const line of stdout.split('\n').filter(Boolean)) {
      const found = /objects\.ts\((\d+),\d+\): error (.*)/.exec(line);
      if (found) errors[found[1] - 1].push(found[2]);
      else if (!line.startsWith(' ')) throw new Error(line);
    }

    return errors;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
