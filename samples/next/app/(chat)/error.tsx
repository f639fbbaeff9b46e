'use client';

/** Shown if a page cannot be rendered, for example because Orion is unavailable. */
export default function ErrorPage({ reset }: { reset: () => void }) {
  return (
    <div className="center" role="alert">
      <p>The chat cannot be shown at the moment.</p>
      <button onClick={reset}>Try again</button>
    </div>
  );
}
