/**
 * The browser client of htmlgame: leaderboards whose scores are verified at the edge.
 * Usage: docs/reference/sdk.md. Protocol: cf_functions/README.md.
 */

const STORED_AS = "htmlgame.player";
const USER_KEY = /^[\w-]{16,128}$/;
const PLAYER_CODE = /^([\w-]{16,128})\.(.+)\.(.{6})$/;
const LONGEST_NAME = 24;

// The rule for names is that of lambdas/shared/values/names.py; tests compare the two.
const HIDDEN =
  /(?![\u200c\u200d\ufe0f\u{e0020}-\u{e007f}])[\p{C}\p{DI}\u2800\ufffc\u{13441}\u{13442}\u{16fe4}\u{1d159}]/gu;
const MEANT =
  /(\u{1f3f4}[\u{e0030}-\u{e007a}]+\u{e007f}|[\d#*]\ufe0f\u20e3|[\u2190-\u2bff\u{1f000}-\u{1faff}](?:\ufe0f?\u200d(?=[\u2190-\u2bff\u{1f000}-\u{1faff}])|\ufe0f)|[\u0620-\u109f\u1780-\u18aa\ua8e0-\ua8ff][\u200c\u200d](?=[\u200c\u200d]*[\u0620-\u109f\u1780-\u18aa\ua8e0-\ua8ff]))|[\u200c\u200d\ufe0f\u{e0020}-\u{e007f}]/gu;

const ONE_TRY_MS = 10_000;
const SOMEBODY_WAITS_MS = 5_000;
const LONGEST_BACKOFF_MS = 16_000;
// The edge accepts a play time up to 2 s longer than the time that has elapsed there.
const EDGE_SKEW_MS = 1_900;
// The edge's clock also runs while its two answers and requests are on their way: so much is let off.
const EDGE_SLACK_MS = 800;

export class HtmlgameError extends Error {
  status = 0;
  retryable = false;
  retryAfterMs = 0;

  constructor(code, message = code, about = {}) {
    super(message);
    this.name = "HtmlgameError";
    this.code = code;
    Object.assign(this, about);
  }
}

export async function connect({
  game,
  api = "/api",
  name,
  storage = browserStorage(),
  fetch = (...request) => globalThis.fetch(...request),
  pauses = true,
}) {
  if (!game) {
    throw new HtmlgameError("malformed", "game: missing");
  }
  if (!globalThis.crypto?.subtle) {
    throw new HtmlgameError("insecure_page", "needs https or localhost");
  }
  watchPage();
  const player = await alone(STORED_AS, () => loadPlayer(storage, name));
  return newGame(game, newWire(api, fetch), storage, player, pauses);
}

function newGame(id, ask, storage, player, pauses) {
  // Another tab may rename or replace the player.
  globalThis.addEventListener?.("storage", async () => {
    const kept = keptIn(storage);
    const told = kept && (await newPlayer(kept));
    if (told?.key === player.key) {
      player.name = told.name;
    } else if (told) {
      player = keep(storage, told);
    }
  });

  return {
    id,
    get player() {
      return { id: player.id, name: player.name };
    },
    get remembered() {
      return player.remembered;
    },
    rename(name) {
      const cleaned = cleanName(name);
      if (!cleaned) {
        throw new HtmlgameError("bad_name", "name: nothing visible");
      }
      player.name = cleaned;
      keep(storage, player);
    },
    exportPlayer() {
      return `${player.key}.${encodeURIComponent(player.name)}.${player.id.slice(0, 6)}`;
    },
    async importPlayer(code) {
      player = keep(storage, await playerOf(code));
    },
    start({ signal, running } = {}) {
      const since = running ? now() : NaN;
      const begin = () => beginPlay(ask, id, player, pauses, signal, since);
      // Tabs that begin their first plays at once would get a session each, but share the cookie.
      return unlessAborted(signal, alone("play", () => insist(begin, shortly(signal))));
    },
    ranking(period = "all", { limit = 100, signal } = {}) {
      const path = `ranking/${id}/${encodeURIComponent(period)}?limit=${limit}`;
      const read = (ranking) => ask(path, { signal }, (answer) => answer.items && answer);
      return unlessAborted(signal, insist(read, shortly(signal)));
    },
  };
}

function shortly(signal) {
  return { signal, until: now() + SOMEBODY_WAITS_MS };
}

function beginPlay(ask, game, player, pauses, signal, since) {
  const asked = now();
  const path = `get-start?game=${game}&user=${player.id}`;
  return ask(path, { signal }, ({ token_start: token, sid, exp }) => {
    const lastMoment = now() + exp - parseInt(fieldsOf(token)[5], 36);
    return lastMoment && newPlay(ask, game, player, pauses, { token, sid, lastMoment, asked, since });
  });
}

function newPlay(ask, game, player, pauses, { token, sid, lastMoment, asked, since }) {
  const watch = newStopwatch(pauses ? visible.read : now, now() - since || 0);
  const isSlow = now() - asked > EDGE_SLACK_MS;
  const claims = newClaims(watch, asked).slice(pauses || !isSlow ? 0 : 1);
  let finishing;
  let end;
  let sent;

  function finish() {
    watch.stop();
    // At once, because the edge limits pauses. If it fails, submit tries again.
    finishing ??= attest({ until: 0 }).catch(() => {});
  }

  async function attest(patience) {
    if (now() > lastMoment) {
      throw new HtmlgameError("play_over");
    }
    let mismatch;
    for (const claim of claims) {
      try {
        end = await insist(() => askEnd(ask, token, claim(), patience.signal), patience);
        return;
      } catch (error) {
        if (error.code !== "play_time_mismatch") {
          throw error;
        }
        mismatch = error;
      }
    }
    throw mismatch;
  }

  async function submit(score, periods, meta, patience) {
    if (!Number.isSafeInteger(score)) {
      throw new HtmlgameError("bad_score", "score: not whole");
    }
    finish();
    await finishing;
    if (!(now() < end?.until)) {
      await attest({ ...patience, until: lastMoment });
    }
    settle(JSON.stringify([score, meta]));
    const init = {
      method: "PUT",
      headers: await signed(score),
      body: JSON.stringify({ meta }),
      keepalive: true,
      signal: patience.signal,
    };
    const path = `scores/${game}/${periods}/${player.id}`;
    const put = () => ask(path, init, (answer) => resultOf(answer, score, end.playMs));
    return insist(put, { ...patience, until: end.until }).catch((error) => refused(error, score));
  }

  /** Once sent, the values may have been counted, so they cannot change. */
  function settle(values) {
    sent ??= { values, name: encodeURIComponent(player.name) };
    if (sent.values !== values) {
      throw new HtmlgameError("play_already_submitted");
    }
  }

  async function signed(score) {
    return {
      "Content-Type": "application/json",
      "X-Token-Start": token,
      "X-Token-End": end.token,
      "X-Score": score,
      "X-Player": sent.name,
      "X-User-Key": player.key,
      "X-Sig": await hmac(end.token, `${sent.name}|${score}|${end.day}|${sid}`),
    };
  }

  function refused(error, score) {
    if (error.code === "below_threshold") {
      return notQualified(score, end.playMs, error);
    }
    // Nothing was counted, so name or meta can be corrected.
    if (error.status === 400) {
      sent = undefined;
    }
    // After sleep, the device may not know how long it slept.
    if (error.code === "grace_over") {
      end.until = 0;
    }
    throw error;
  }

  return {
    get playMs() {
      return end?.playMs ?? Math.round(watch.read());
    },
    pause() {
      if (pauses) {
        watch.stop();
      }
    },
    resume() {
      if (!finishing) {
        watch.go();
      }
    },
    finish,
    submit: (score, { periods = ["all"], meta, signal, onRetry } = {}) =>
      unlessAborted(signal, submit(score, periods, meta, { signal, onRetry })),
  };
}

/** Play times to claim, each tried if the one before is refused: slower is always honest. */
function newClaims(watch, asked) {
  const began = now();
  const beganDate = Date.now();
  const roundTripMs = began - asked;
  return [
    watch.read,
    () => now() - asked + Math.min(roundTripMs, EDGE_SKEW_MS),
    // performance.now may stop while the device sleeps.
    () => Date.now() - beganDate + EDGE_SKEW_MS,
  ];
}

function askEnd(ask, tokenStart, ms, signal) {
  const headers = { "X-Token-Start": tokenStart, "X-Play-Ms": Math.round(ms) };
  return ask("get-end", { headers, signal }, ({ token_end: token, exp }) => {
    const [end, playMs] = fieldsOf(token).slice(6).map(Number);
    const day = new Date(end).toISOString().slice(0, 10);
    return { token, day, playMs, until: now() + exp - end };
  });
}

function resultOf({ accepted, rankChanged, results }, score, playMs) {
  if (accepted) {
    return { status: "ranked", rankChanged, boards: results };
  }
  if (Object.values(results).some((board) => board.best)) {
    return { status: "kept", boards: results };
  }
  return { ...notQualified(score, playMs, {}), best: null };
}

function notQualified(score, timeMs, { thr, order }) {
  const needed = thr && Object.fromEntries(order.map(([key], place) => [key, thr[place]]));
  return { status: "not_qualified", score, timeMs, needed, order };
}

/** Sends one request. `read` converts the answer; if it throws, the answer is not the API's. */
function newWire(api, fetch) {
  return async (path, { signal, ...init }, read) => {
    let response;
    let text;
    try {
      response = await fetch(`${api}/${path}`, { ...init, signal: orTooLong(signal) });
      text = await response.text();
    } catch {
      throw new HtmlgameError("offline", undefined, { retryable: true });
    }
    let said;
    try {
      said = JSON.parse(text);
      const answer = response.ok && read(said);
      if (answer) {
        return answer;
      }
    } catch {
      // Refused below.
    }
    throw refusal(response, text, said?.error);
  };
}

function orTooLong(signal) {
  const tooLong = AbortSignal.timeout(ONE_TRY_MS);
  // Browsers from before 2024 lack AbortSignal.any; there, requests with a signal have no timeout.
  return signal ? (AbortSignal.any?.([signal, tooLong]) ?? signal) : tooLong;
}

/** Errors for refusals, including those by CloudFront and API Gateway, which have no code. */
function refusal({ status, headers }, text, said) {
  const retryable = status === 429 || status > 499;
  const page = !retryable && /^\s*</.test(text);
  const code = retryable ? "unavailable" : page ? "error_page" : "bad_answer";
  const message = page ? "error page instead of JSON" : said?.message;
  const retryAfterMs = headers.get("Retry-After") * 1000 || 0;
  return new HtmlgameError(code, message, { status, retryable, retryAfterMs, ...said });
}

/** Retries temporary failures until the time is over. */
async function insist(attempt, { until, signal, onRetry }) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      const leftMs = until - now();
      const { retryable, retryAfterMs } = error;
      if (!retryable || signal?.aborted || !(leftMs > retryAfterMs)) {
        throw error;
      }
      onRetry?.(tries);
      await rest(Math.min(retryAfterMs + backoff(tries), leftMs), !retryAfterMs);
    }
  }
}

function backoff(tries) {
  return Math.min(250 * 2 ** tries, LONGEST_BACKOFF_MS / 2) * (1 + Math.random());
}

/** Ends early when the network is back, unless the server asked for the wait. */
function rest(ms, mayWake) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
    if (mayWake) {
      globalThis.addEventListener?.("online", resolve, { once: true });
    }
  });
}

function unlessAborted(signal, promise) {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new HtmlgameError("aborted", undefined, { retryable: true }));
    promise.then(resolve, reject);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) {
      abort();
    }
  });
}

/** One tab at a time, if the browser has locks. */
async function alone(what, task) {
  let doing;
  const once = () => (doing ??= task());
  try {
    return await navigator.locks.request("htmlgame." + what, once);
  } catch {
    return once();
  }
}

function browserStorage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

function keptIn(storage) {
  try {
    const kept = JSON.parse(storage.getItem(STORED_AS));
    return USER_KEY.test(kept.key) ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** If storage is missing, blocked or full, the player lasts as long as the page. */
function keep(storage, player) {
  const { key, name } = player;
  try {
    storage.setItem(STORED_AS, JSON.stringify({ key, name }));
    player.remembered = true;
  } catch {
    player.remembered = false;
  }
  return player;
}

async function loadPlayer(storage, name) {
  const kept = keptIn(storage) ?? { key: randomKey(), name };
  return keep(storage, await newPlayer(kept));
}

/** The id is the key's hash, so whoever has the key is the player. */
async function newPlayer({ key, name }) {
  const id = base64url(await crypto.subtle.digest("SHA-256", utf8(key))).slice(0, 22);
  return { key, id, name: cleanName(name ?? "") || `Player ${id.slice(0, 4)}` };
}

async function playerOf(code) {
  try {
    const [, key, name, check] = PLAYER_CODE.exec(code.replace(/\s/g, ""));
    const player = await newPlayer({ key, name: decodeURIComponent(name) });
    if (player.id.startsWith(check)) {
      return player;
    }
  } catch {
    // Not a code, as below.
  }
  throw new HtmlgameError("bad_player_code", "code: mistyped or cut");
}

/** Cleans a name as the server does, so that the player sees what others will see; "" for none. */
function cleanName(name) {
  // Cutting may leave a joiner without its right side.
  const cut = cleaned([...cleaned(String(name))].slice(0, LONGEST_NAME).join(""));
  return /[^\p{C}\p{M} ]/u.test(cut) ? cut : "";
}

/** Repeats the rule, because characters that a removal brings together may compose. */
function cleaned(text) {
  const normal = text.normalize("NFKC").replace(/[\p{Z}\t-\r\x1c-\x1f\x85]+/gu, " ");
  const clean = normal.replace(HIDDEN, "").replace(MEANT, "$1").trim();
  return clean === text ? clean : cleaned(clean);
}

/** Time by `clock` and before it, without the time while stopped. */
function newStopwatch(clock, before = 0) {
  let began = clock() - before;
  let stopped;
  const read = () => (stopped ?? clock()) - began;
  return {
    read,
    stop() {
      stopped ??= clock();
    },
    go() {
      began = clock() - read();
      stopped = undefined;
    },
  };
}

function now() {
  return performance.now();
}

/** Stops while the page is hidden. */
const visible = newStopwatch(now);

function watchPage() {
  globalThis.document?.addEventListener("visibilitychange", watchPage);
  if (globalThis.document?.hidden) {
    visible.stop();
  } else {
    visible.go();
  }
}

/** The payload of a token; the fields are in cf_functions/README.md. */
function fieldsOf(token) {
  // Its characters never encode to - or _ in base64url.
  return atob(token.split(".")[0]).split(".");
}

function utf8(text) {
  return new TextEncoder().encode(text);
}

function base64url(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function randomKey() {
  return base64url(crypto.getRandomValues(new Uint8Array(24)));
}

async function hmac(secret, text) {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8(secret), algorithm, false, ["sign"]);
  return base64url(await crypto.subtle.sign("HMAC", key, utf8(text)));
}
