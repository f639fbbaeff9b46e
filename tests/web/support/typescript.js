import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));

/** Checks a TypeScript project. Throws the messages of the compiler. */
export async function compile(folder, ...args) {
  try {
    await promisify(execFile)('node', [tsc, '--project', folder, ...args]);
  } catch (error) {
    throw new Error(`${folder} does not compile:\n${error.stdout}`, { cause: error });
  }
}
