import { randomBytes } from 'node:crypto';

const cookieName = 'sample-session';
const lifetimeSeconds = 12 * 60 * 60;
const mostPeople = 1000;

/** Stores the signed-in users, identified by a cookie that scripts cannot read. Only in memory: a restart signs all users out. */
export class People {
  #sessions = new Map();

  /** Returns the address of the user who sent the request, or undefined if the user is not signed in. */
  of(request) {
    const id = cookie(request);
    const session = this.#sessions.get(id);
    if (session && session.endsAt > Date.now()) return session.email;
    this.#sessions.delete(id);
    return undefined;
  }

  signIn(response, email) {
    if (this.#sessions.size >= mostPeople) this.#sessions.delete(this.#sessions.keys().next().value);
    const id = randomBytes(32).toString('base64url');
    this.#sessions.set(id, { email, endsAt: Date.now() + lifetimeSeconds * 1000 });
    setCookie(response, id, lifetimeSeconds);
  }

  signOut(request, response) {
    this.#sessions.delete(cookie(request));
    setCookie(response, '', 0);
  }
}

function cookie(request) {
  return (request.headers.cookie ?? '').split(/; */).find(pair => pair.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1);
}

// With HTTPS, use `__Host-…; Secure`. On http://localhost, some browsers do not store such cookies.
function setCookie(response, value, seconds) {
  response.setHeader('Set-Cookie', `${cookieName}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict`);
}
