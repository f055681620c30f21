/**
 * Players of a game: sign-in, account, chat and points.
 * Usage: docs/reference/players.md.
 */

const STORED_AS = "htmlgame.players";
const BOARD_PLAYER = "htmlgame.player";
const LEAVING = "htmlgame.players.leaving";

const ONE_TRY_MS = 20_000;
const PATIENCE_MS = 30_000;
const RENEW_BEFORE_MS = 60_000;
const TOKEN_MS = 900_000;

export class PlayersError extends Error {
  status = 0;
  retryable = false;
  retryAfterMs = 0;

  constructor(code, message = code, about = {}) {
    super(message);
    this.name = "PlayersError";
    this.code = code;
    Object.assign(this, about);
  }
}

export function connectPlayers({
  api = "/api",
  storage = browserStorage(),
  fetch = (...request) => globalThis.fetch(...request),
} = {}) {
  let held = read(STORED_AS);
  let renewing;

  globalThis.addEventListener?.("storage", () => {
    held = read(STORED_AS);
  });

  function read(name) {
    try {
      return JSON.parse(storage.getItem(name)) ?? undefined;
    } catch {
      return undefined;
    }
  }

  function write(name, value) {
    try {
      if (value) {
        storage.setItem(name, JSON.stringify(value));
      } else {
        storage.removeItem(name);
      }
    } catch {
      // It lasts as long as the page.
    }
  }

  function hold(value) {
    held = value;
    write(STORED_AS, held);
  }

  /** The device's clock may be wrong, so the server's is kept beside it. */
  function accept({ token, expiresAt, userId, player }) {
    const skewMs = expiresAt * 1000 - TOKEN_MS - Date.now();
    hold({ ...held, ...(userId && { userId, player }), token, expiresAt, skewMs });
  }

  async function send(method, path, body, token) {
    let response;
    let said;
    try {
      response = await fetch(`${api}/${path}`, {
        method,
        headers: {
          ...(body && { "Content-Type": "application/json" }),
          ...(token && { Authorization: `Bearer ${token}` }),
        },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(ONE_TRY_MS),
      });
      said = await response.json();
    } catch {
      if (!response || response.ok) {
        throw new PlayersError("offline", undefined, { retryable: true });
      }
    }
    const { status, ok, headers } = response;
    if (ok) {
      return said;
    }
    const { code = "unavailable", ...about } = said?.error ?? {};
    const retryable = status > 499 || code === "in_progress" || (status === 429 && !said?.error);
    const retryAfterMs = headers.get("Retry-After") * 1000 || 0;
    throw new PlayersError(code, about.message, { ...about, status, retryable, retryAfterMs });
  }

  async function ask(method, path, body) {
    if (held && held.expiresAt * 1000 - RENEW_BEFORE_MS < Date.now() + held.skewMs) {
      await (renewing ??= renew().finally(() => {
        renewing = undefined;
      }));
    }
    const token = held?.token;
    try {
      return await send(method, path, body, token);
    } catch (error) {
      if (error.code !== "token_revoked") {
        throw error;
      }
      // A merge that ended meanwhile brought another token.
      if (held && held.token !== token) {
        return ask(method, path, body);
      }
      hold();
      throw error;
    }
  }

  async function renew() {
    try {
      accept(await send("POST", "players/renew", undefined, held.token));
    } catch (error) {
      if (error.status === 401) {
        hold();
      }
      throw error;
    }
  }

  /** The board's row of a signed-in player is the same on every device. */
  function takeRow(proof) {
    const row = read(BOARD_PLAYER);
    if (proof.provider !== "key" && row?.key !== held.player.key) {
      hold({ ...held, own: row?.key });
      write(BOARD_PLAYER, { ...row, key: held.player.key });
    }
  }

  function proven(proof) {
    if (proof.provider !== "key" || proof.playerKey) {
      return proof;
    }
    const key = held?.own ?? read(BOARD_PLAYER)?.key ?? randomKey();
    if (!read(BOARD_PLAYER)) {
      write(BOARD_PLAYER, { key });
    }
    return { ...proof, playerKey: key };
  }

  async function signIn(proof = { provider: "key" }) {
    const sent = proven(proof);
    const answer = await send("POST", "players/sign-in", sent);
    accept(answer);
    takeRow(sent);
    return { userId: answer.userId, created: answer.created };
  }

  async function* pages(path, field, shown) {
    for (let cursor = ""; cursor !== null; ) {
      const page = shown
        ? await ask("POST", path, { ...shown, cursor: cursor || null })
        : await ask("GET", path + (cursor && `?cursor=${cursor}`));
      yield* page[field];
      cursor = page.cursor;
    }
  }

  function talk(sessionId) {
    return {
      sessionId,
      /** The same id again gets the same answer, so a message counts once. */
      async say(message, { locale } = {}) {
        const until = performance.now() + PATIENCE_MS;
        const id = held && uuid7(Date.now() + held.skewMs);
        for (;;) {
          try {
            return await ask("POST", "chat", { sessionId, message, locale, id });
          } catch (error) {
            const waitMs = error.retryAfterMs || 1_000;
            if (!error.retryable || !id || performance.now() + waitMs > until) {
              throw error;
            }
            await new Promise((resolve) => setTimeout(resolve, waitMs));
          }
        }
      },
      messages: () => pages(`chat/${sessionId}/messages`, "messages"),
    };
  }

  return {
    get userId() {
      return held?.userId;
    },
    signIn,
    signOut({ everywhere } = {}) {
      const leaving = everywhere ? ask("DELETE", "players/me/tokens") : Promise.resolve();
      return leaving.then(() => {
        if (held?.own) {
          write(BOARD_PLAYER, { ...read(BOARD_PLAYER), key: held.own });
        }
        hold();
      });
    },
    me: () => ask("GET", "players/me"),
    rename: (displayName) => ask("PUT", "players/me", { displayName }),
    async link(proof) {
      await ask("POST", "players/me/identities", proven(proof));
      takeRow(proof);
    },
    async merge(proof) {
      accept(await ask("POST", "players/me/merge", proven(proof)));
      takeRow(proof);
    },
    unlink: (provider) => ask("DELETE", `players/me/identities/${provider}`),
    points: () => pages("players/me/points", "events"),
    export: ({ playerKeys } = {}) => pages("players/me/export", "items", playerKeys && { playerKeys }),
    claim: (game, period) => ask("POST", "players/me/claim", { game, period }),
    ranking: async () => (await send("GET", "players/ranking")).items,
    async remove({ playerKeys } = {}) {
      const removed = await ask("DELETE", "players/me", playerKeys && { playerKeys });
      write(BOARD_PLAYER);
      hold();
      return removed;
    },
    async chat(characterType, { username } = {}) {
      return talk((await ask("POST", "chat/session", { characterType, username })).sessionId);
    },
    resume: talk,
  };
}

/** Goes to X's page, which comes back with a code. `then` is remembered: "signIn", "link", … */
export async function goToX({ clientId, redirect, authorize, then = "signIn" }) {
  const [verifier, state] = [randomKey(), randomKey()];
  sessionStorage.setItem(LEAVING, JSON.stringify({ verifier, state, then }));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const query = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirect,
    scope: "users.read tweet.read",
    state,
    code_challenge: base64url(digest),
    code_challenge_method: "S256",
  });
  location.assign(`${authorize}?${query}`);
}

/** The proof with which X came back, once; undefined on any other visit. */
export function backFromX() {
  const query = new URLSearchParams(location.search);
  const left = JSON.parse(sessionStorage.getItem(LEAVING));
  sessionStorage.removeItem(LEAVING);
  if (!query.has("state")) {
    return undefined;
  }
  history.replaceState(null, "", location.pathname);
  if (query.get("state") !== left?.state || !query.has("code")) {
    return undefined;
  }
  const proof = { provider: "x", code: query.get("code"), codeVerifier: left.verifier };
  return { proof, then: left.then };
}

function browserStorage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

function base64url(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function randomKey() {
  return base64url(crypto.getRandomValues(new Uint8Array(33)));
}

/** UUID version 7: time first, then random bits. */
function uuid7(ms) {
  const time = Math.round(ms).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}
