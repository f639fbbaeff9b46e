import { Suspense } from 'react';
import { signInMethods } from '@/auth';
import { enter } from '../actions';

export default function SignInPage({ searchParams }: PageProps<'/sign-in'>) {
  return (
    <main className="sign-in">
      <h1>Chats</h1>
      <Suspense>
        <Failure searchParams={searchParams} />
      </Suspense>
      {signInMethods.map(({ id, name }) => (
        <form key={id} action={enter.bind(null, id)}>
          <button className="primary">Sign in with {name}</button>
        </form>
      ))}
      {signInMethods.length === 0 && <p>No sign-in is configured: see README.md.</p>}
    </main>
  );
}

async function Failure({ searchParams }: Pick<PageProps<'/sign-in'>, 'searchParams'>) {
  const { error } = await searchParams;
  if (!error) return null;
  const text = error === 'AccessDenied' ? 'The e-mail address of this account is not verified.' : 'The sign-in failed. Try again.';
  return <p role="alert">{text}</p>;
}
