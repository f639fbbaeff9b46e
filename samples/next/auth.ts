import NextAuth, { type Profile } from 'next-auth';
import type { OIDCConfig } from 'next-auth/providers';
import Credentials, { type CredentialsConfig } from 'next-auth/providers/credentials';

const providers: (CredentialsConfig | OIDCConfig<Profile>)[] = [];

// Auth.js reads the client's id and secret from AUTH_OIDC_ID and AUTH_OIDC_SECRET.
const issuer = process.env.AUTH_OIDC_ISSUER;
if (issuer) providers.push({ id: 'oidc', name: process.env.AUTH_OIDC_NAME ?? 'single sign-on', type: 'oidc', issuer });

// Without a password, as the user of Orion's Development environment. Only `next dev` has this provider.
if (process.env.NODE_ENV === 'development') {
  const email = process.env.AUTHORIZED_USER_EMAIL ?? 'you@example.com';
  providers.push({ ...Credentials({ credentials: {}, authorize: () => ({ email }) }), id: 'demo', name: 'the demo user' });
}

export const signInMethods = providers.map(({ id, name }) => ({ id, name }));

export const { auth, handlers, signIn, signOut } = NextAuth({
  providers,
  pages: { signIn: '/sign-in', error: '/sign-in' },
  callbacks: {
    // Orion identifies users by their e-mail address, so the provider must have verified it.
    signIn: ({ account, profile }) => account?.provider === 'demo' || (!!profile?.email && profile.email_verified === true),
  },
});
