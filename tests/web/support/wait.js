import assert from 'node:assert/strict';

/** Repeats the check until it succeeds. */
export async function eventually(what, isSo, seconds = 20) {
  for (const until = Date.now() + seconds * 1000; ; await new Promise(resolve => setTimeout(resolve, 50))) {
    if (await isSo()) return;
    if (Date.now() > until) assert.fail(`This did not happen: ${what}`);
  }
}
