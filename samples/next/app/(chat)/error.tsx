'use client';

/** Shown if a page cannot be rendered, for example because Orion is unavailable. */
export default function ErrorPage({ retry }: { retry: () => void }) {
  return (
    <div className="center" role="alert">
      <p>The chat cannot be shown at the moment.</p>
      <button onClick={retry}>Try again</button>
    </div>
  );
}
