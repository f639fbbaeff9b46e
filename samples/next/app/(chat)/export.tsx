import { useState } from 'react';
import { messageOf, readProblem } from 'orion-client';

/** Downloads all chats as a file. The browser holds a large file on the disk. */
export function Export() {
  const [isRunning, setIsRunning] = useState(false);
  const [problem, setProblem] = useState<string>();

  async function download() {
    setIsRunning(true);
    setProblem(undefined);
    try {
      const response = await fetch('/api/export');
      if (response.ok) save(await response.blob(), /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '')?.[1]);
      else setProblem(messageOf(readProblem(response.status, response.headers, await response.text())));
    } catch {
      setProblem('The export broke off. Try again.');
    }

    setIsRunning(false);
  }

  return (
    <>
      <button disabled={isRunning} onClick={() => void download()}>{isRunning ? 'Exporting…' : 'Export'}</button>
      {problem && <p role="alert">{problem}</p>}
    </>
  );
}

function save(file: Blob, name = 'chats.ndjson') {
  const href = URL.createObjectURL(file);
  Object.assign(document.createElement('a'), { href, download: name }).click();
  // A browser may open it only after the click.
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
