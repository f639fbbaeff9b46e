import { NextResponse } from 'next/server';
import { orionUrl } from 'orion-client/server';
import { auth } from './auth';

/** Runs before each page. `auth` also renews the session cookie. */
export const proxy = auth(request => {
  const { pathname } = request.nextUrl;
  const isPublic = pathname === '/sign-in' || pathname.startsWith('/api/');
  if (!request.auth && !isPublic) return NextResponse.redirect(new URL('/sign-in', request.url));

  // Only scripts with the nonce of the response run, and the page connects only to this server and Orion.
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64');
  const inDevelopment = process.env.NODE_ENV === 'development';
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'${inDevelopment ? " 'unsafe-eval'" : ''}`,
    `style-src 'self' ${inDevelopment ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    "img-src 'self'",
    "font-src 'self'",
    `connect-src 'self' ${new URL(orionUrl()).origin}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

  // Next.js reads the nonce from this header of the request.
  const headers = new Headers(request.headers);
  headers.set('Content-Security-Policy', policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('Content-Security-Policy', policy);
  response.headers.set('Referrer-Policy', 'same-origin');
  response.headers.set('X-Content-Type-Options', 'nosniff');
  return response;
});

export const config = { matcher: '/((?!_next/static|icon.svg).*)' };
