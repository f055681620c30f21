// The session of a signed-in creator, with Supabase or its local stand-in.
//
// The access token, valid for an hour, stays in memory. The refresh token is in sessionStorage, so
// it is gone when the tab closes.

const KEPT = 'arcade.maker';
const RENEW_BEFORE_MS = 60_000;

export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export async function openSession() {
  const config = await (await fetch('/telemetry.json')).json();
  const session = new Session(config);
  await session.resume();
  return session;
}

/** Emits "change" on sign-in and sign-out. */
class Session extends EventTarget {
  #token = null;
  #until = 0;
  #renewing = null;

  constructor({ signIn, projects }) {
    super();
    this.signIn = signIn;
    this.projects = projects ?? {};
    this.email = null;
  }

  /** Whether creators can sign in on this site. */
  get offered() {
    return Boolean(this.signIn);
  }

  get local() {
    return this.signIn.local;
  }

  async enter(email, password) {
    this.#welcome(await this.#grant('password', { email, password }));
    this.dispatchEvent(new Event('change'));
  }

  leave() {
    const token = this.#token;
    this.#forget();
    // The browser discards the session even if the issuer cannot be reached.
    if (token) fetch(`${this.signIn.address}/logout`, { method: 'POST', headers: this.#headers(token) }).catch(() => {});
    this.dispatchEvent(new Event('change'));
  }

  async resume() {
    if (!this.offered || !this.#kept) return;
    try {
      await this.#renew();
    } catch (error) {
      if (error.code !== 'signed_out') throw error;
    }
  }

  /** The API's answer. Throws an ApiError if it refuses or cannot be reached. */
  async ask(method, path, body) {
    const answer = await this.#send(method, path, body, await this.#fresh());
    if (answer.status !== 401) return answer.said;
    // With a wrong clock on this device, the token may be older than it seems.
    const again = await this.#send(method, path, body, await this.#renew());
    if (again.status === 401) this.#refused();
    return again.said;
  }

  async #send(method, path, body, token) {
    const { status, ok, said } = await heard(`/api${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    });
    if (ok || status === 401) return { status, said };
    throw new ApiError(status, said?.error?.code ?? 'internal', said?.error?.message ?? '');
  }

  async #fresh() {
    return Date.now() < this.#until - RENEW_BEFORE_MS ? this.#token : this.#renew();
  }

  #renew() {
    this.#renewing ??= this.#grant('refresh_token', { refresh_token: this.#kept })
      .then((granted) => this.#welcome(granted))
      .catch((error) => {
        // A refusal is final; other failures are temporary.
        const refused = error.status >= 400 && error.status < 500 && error.status !== 429;
        if (refused) this.#refused();
        throw error;
      })
      .finally(() => {
        this.#renewing = null;
      });
    return this.#renewing;
  }

  #refused() {
    this.leave();
    throw new ApiError(401, 'signed_out', '');
  }

  async #grant(type, sent) {
    const { status, ok, said } = await heard(`${this.signIn.address}/token?grant_type=${type}`, {
      method: 'POST',
      headers: this.#headers(),
      body: JSON.stringify(sent),
    });
    if (ok && said?.access_token) return said;
    throw new ApiError(status, said?.error_code ?? 'sign_in_failed', said?.msg ?? '');
  }

  #headers(token) {
    const key = this.signIn.key && { apikey: this.signIn.key };
    return { 'content-type': 'application/json', ...key, ...(token && { authorization: `Bearer ${token}` }) };
  }

  #welcome({ access_token: token, expires_in: seconds, refresh_token: refresh, user }) {
    this.#token = token;
    this.#until = Date.now() + seconds * 1000;
    this.email = user.email;
    try {
      sessionStorage.setItem(KEPT, refresh);
    } catch {
      this.refresh = refresh;
    }
    return token;
  }

  #forget() {
    this.#token = null;
    this.#until = 0;
    this.email = null;
    this.refresh = null;
    try {
      sessionStorage.removeItem(KEPT);
    } catch {
      // Nothing was stored either.
    }
  }

  get #kept() {
    try {
      return sessionStorage.getItem(KEPT) ?? this.refresh;
    } catch {
      return this.refresh;
    }
  }
}

async function heard(address, options) {
  let answer;
  try {
    answer = await fetch(address, options);
  } catch {
    throw new ApiError(0, 'offline', '');
  }
  const said = await answer.json().catch(() => null);
  return { status: answer.status, ok: answer.ok, said };
}
