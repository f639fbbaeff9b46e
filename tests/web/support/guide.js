import { readFile } from 'node:fs/promises';

const guide = new URL('../../../docs/frontend.md', import.meta.url);

/**
 * Reads the code blocks of docs/frontend.md. The first line of a block can be a comment with the path of a file.
 * @returns The files, and the lines of the other blocks in their order.
 */
export async function readGuide() {
  const text = await readFile(guide, 'utf8');
  const files = new Map();
  const commands = [];
  for (const [, language, code] of text.matchAll(/^```(\w+)\n(.*?)^```$/gms)) {
    const [, path] = /^(?:\/\/|#) (\S+)\n/.exec(code) ?? [];
    if (path === undefined && language !== 'sh') throw new Error(`A code block has no file:\n${code}`);
    if (path === undefined) commands.push(...code.trim().split('\n'));
    else if (files.has(path)) throw new Error(`Two code blocks have the file ${path}.`);
    else files.set(path, code);
  }

  return { text, files, commands };
}

/** Returns the first code block in a language of a file of the repository. */
export async function firstExample(path, language) {
  const text = await readFile(new URL(`../../../${path}`, import.meta.url), 'utf8');
  return new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(text)[1];
}
