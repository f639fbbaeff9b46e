import { randomBytes } from 'node:crypto';

const cookieName = 'sample-session';
const lifetimeSeconds = 12 * 60 * 60;
const mostPeople = 1000;

/** Who is signed in, by a cookie that no script can read. In memory alone: a restart signs everybody out. */
export class People {
  #sessions = new Map();

  /** The address of who sent the request; undefined if that is nobody. */
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

// Behind HTTPS it is `__Host-…; Secure`; on http://localhost not every browser would keep that.
function setCookie(response, value, seconds) {
  response.setHeader('Set-Cookie', `${cookieName}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict`);
}
