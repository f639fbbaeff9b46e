import { Suspense, type ReactNode } from 'react';
import { orionUrl } from 'orion-client/server';
import { currentUser, orion } from '@/lib/orion';
import { Shell } from './shell';

export default function ChatLayout({ children }: LayoutProps<'/'>) {
  return (
    <Suspense fallback={<p className="faint center">Loading…</p>}>
      <SignedIn>{children}</SignedIn>
    </Suspense>
  );
}

/** Rendered once: going from chat to chat renders only the page. */
async function SignedIn({ children }: { children: ReactNode }) {
  const client = await orion();
  const [page, models] = await Promise.all([client.listSessions(), client.models()]);
  return (
    <Shell
      user={(await currentUser())!}
      orionUrl={orionUrl()}
      // Without a model, Orion rejects the first message with a problem that says so.
      models={models.ok ? models.value.models.map(({ name }) => name) : []}
      initialPage={page.ok ? page.value : undefined}
    >
      {children}
    </Shell>
  );
}
