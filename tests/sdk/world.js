// A browser, a network and a server with a clock of their own: waiting takes no time, and the
// edge's functions are the very ones that are uploaded. Only what lies behind them is played.
import events from "node:events";
import { pathToFileURL } from "node:url";

const EDGE = process.env.HTMLGAME_EDGE_FUNCTIONS;
const SDK = process.env.HTMLGAME_SDK;
const MIDDAY = Date.UTC(2026, 10, 21, 12);
const FUNCTIONS = { "get-start": "get_start", "get-end": "get_end", scores: "validate" };

const { default: functions } = await import(pathToFileURL(`${EDGE}/handlers.js`));
const { default: store } = await import(pathToFileURL(`${EDGE}/node_modules/cloudfront/index.js`));

const realImmediate = setImmediate;
const realSubtle = crypto.subtle;
let worlds = 0;

export const LIMITS = {
  score: [0, 1000],
  perSecond: 20,
  playMs: [1000, 3_600_000],
  graceMs: 90_000,
  pauseMs: 60_000,
};

export class World {
  constructor({ limits = {}, order = [["score", "desc"], ["timeMs", "asc"]], thr } = {}) {
    this.mono = 1_000;
    this.wall = MIDDAY;
    this.latencyMs = 50;
    this.requests = [];
    this.down = false;
    this.timers = [];
    this.cookie = "";
    this.storage = new FakeStorage();
    this.window = new EventTarget();
    this.document = Object.assign(new EventTarget(), { hidden: false });
    this.origin = new Origin();
    this.game = { v: 1, order, topN: 3, limits: { ...LIMITS, ...limits }, identity: "key", thr };
    this.#faults = [];
    events.setMaxListeners(0, this.window, this.document);
    this.#install();
  }

  #faults;
  #hashing = 0;
  #onServer = false;
  #clientClockOffMs = 0;
  #closed = false;

  /** A module of its own for each world, since it looks at the clock when it is loaded. */
  async sdk(name = "htmlgame") {
    worlds += 1;
    return import(`${pathToFileURL(SDK.replace("*", name))}?world=${worlds}`);
  }

  async connect(options) {
    const { connect } = await this.sdk();
    return this.until(connect({ game: "snake", storage: this.storage, ...options }));
  }

  /** The next request to a path that contains `part` gets the given answer. */
  next(part, fault) {
    this.#faults.push({ part, fault });
  }

  async pass(ms) {
    const target = this.mono + ms;
    await this.#quiet();
    while (this.timers.length && this.timers[0].due <= target) {
      this.#fireNext();
      await this.#quiet();
    }
    this.#advance(target - this.mono);
  }

  /** Lets time pass until the promise is settled. */
  async until(promise) {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    promise.then(settle, settle);
    for (;;) {
      await this.#quiet();
      if (settled) {
        return promise;
      }
      if (!this.timers.length) {
        throw new Error("nothing is going to happen any more");
      }
      this.#fireNext();
    }
  }

  async failure(promise) {
    try {
      await this.until(promise);
    } catch (error) {
      return error;
    }
    throw new Error("it succeeded");
  }

  show(visible) {
    this.document.hidden = !visible;
    this.document.dispatchEvent(new Event("visibilitychange"));
  }

  /** The machine is asleep; not every browser's performance.now goes on meanwhile. */
  sleep(ms, { clockRuns = false } = {}) {
    this.wall += ms;
    if (clockRuns) {
      this.mono += ms;
    }
  }

  setClientClock(offMs) {
    this.#clientClockOffMs = offMs;
  }

  /** The browser drops the requests that are under way, but for those it was asked to keep. */
  closePage() {
    this.#closed = true;
  }

  goOnline() {
    this.down = false;
    this.window.dispatchEvent(new Event("online"));
  }

  asked(part) {
    return this.requests.filter(({ path }) => path.includes(part));
  }

  #advance(ms) {
    this.mono += ms;
    this.wall += ms;
  }

  #fireNext() {
    const timer = this.timers.shift();
    this.#advance(Math.max(timer.due - this.mono, 0));
    timer.run();
  }

  async #quiet() {
    for (let idle = 0; idle < 3; idle += 1) {
      await new Promise((resolve) => realImmediate(resolve));
      if (this.#hashing) {
        idle = -1;
      }
    }
  }

  #install() {
    const { window, document } = this;
    performance.now = () => this.mono;
    Date.now = () => Math.floor(this.wall + (this.#onServer ? 0 : this.#clientClockOffMs));
    globalThis.setTimeout = (run, ms) => this.#schedule(run, ms);
    globalThis.clearTimeout = (timer) => {
      this.timers = this.timers.filter((one) => one !== timer);
    };
    AbortSignal.timeout = (ms) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), ms);
      return controller.signal;
    };
    globalThis.addEventListener = window.addEventListener.bind(window);
    globalThis.removeEventListener = window.removeEventListener.bind(window);
    globalThis.document = document;
    globalThis.fetch = (url, init) => this.#fetch(String(url), init);
    this.locks(new Locks());
    Object.defineProperty(crypto, "subtle", { configurable: true, value: this.#counted() });
    delete globalThis.localStorage;
  }

  locks(locks) {
    const value = { locks, sendBeacon: (...sent) => this.beacon(...sent) };
    Object.defineProperty(globalThis, "navigator", { configurable: true, value });
  }

  beacon(url, body) {
    this.#fetch(String(url), { method: "POST", body, beacon: true }).catch(() => {});
    return true;
  }

  #schedule(run, ms = 0) {
    const timer = { due: this.mono + ms, run };
    this.timers.push(timer);
    this.timers.sort((one, other) => one.due - other.due);
    return timer;
  }

  /** Hashing takes real time, during which the world's clock must not go on. */
  #counted() {
    const counted = (name) => async (...parameters) => {
      this.#hashing += 1;
      try {
        return await realSubtle[name](...parameters);
      } finally {
        this.#hashing -= 1;
      }
    };
    return Object.fromEntries(["digest", "importKey", "sign"].map((name) => [name, counted(name)]));
  }

  async #fetch(url, { method = "GET", headers = {}, body, signal, ...rest } = {}) {
    signal?.throwIfAborted();
    const at = this.mono;
    const request = { at, method, path: url, headers: lowerCased(headers), body, ...rest };
    this.requests.push(request);
    const aborted = new Promise((_, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
    return Promise.race([aborted, this.#exchange(request, signal)]);
  }

  async #exchange(request, signal) {
    const place = this.#faults.findIndex(({ part }) => request.path.includes(part));
    const fault = place < 0 ? undefined : this.#faults.splice(place, 1)[0].fault;
    await this.#travel();
    if (signal?.aborted) {
      return undefined;
    }
    if (this.#closed && !request.keepalive && !request.beacon) {
      return new Promise(() => {});
    }
    if (fault === "hangs") {
      return new Promise(() => {});
    }
    if (this.down || fault === "unreachable") {
      throw new TypeError("Failed to fetch");
    }
    const answer = fault?.status ? fault : await this.serve(request);
    await this.#travel();
    if (fault === "answer lost") {
      throw new TypeError("Failed to fetch");
    }
    return responseOf(answer);
  }

  #travel() {
    return new Promise((resolve) => setTimeout(resolve, this.latencyMs / 2));
  }

  async serve(request) {
    const [, room, ...rest] = request.path.slice(1).split(/[/?]/);
    if (room === "telemetry") {
      return this.telemetry.answer(rest.join("/"), request.body);
    }
    if (room === "ranking") {
      return { status: 200, body: this.origin.ranking(rest[1]) };
    }
    const answer = await this.#atTheEdge(FUNCTIONS[room], request);
    if (!answer.statusCode) {
      return this.origin.put(answer, request.body, this.game);
    }
    if (answer.cookies?.game_sid) {
      this.cookie = answer.cookies.game_sid.value;
    }
    return { status: answer.statusCode, body: JSON.parse(answer.body) };
  }

  async #atTheEdge(name, { method, path, headers }) {
    const [uri, query = ""] = path.split("?");
    const sent = { host: "games.example", origin: "https://games.example", ...headers };
    const event = {
      context: { requestId: `request ${this.requests.length}` },
      viewer: { ip: "192.0.2.1" },
      request: {
        method,
        uri,
        querystring: fields(Object.fromEntries(new URLSearchParams(query))),
        headers: fields(sent),
        cookies: fields(this.cookie ? { game_sid: this.cookie } : {}),
      },
    };
    store.fill({ values: this.#values(), failing: [] });
    this.#onServer = true;
    try {
      return await functions[name](event);
    } finally {
      this.#onServer = false;
    }
  }

  #values() {
    const game = JSON.stringify(this.game);
    const board = JSON.stringify({ ...this.game, from: 0, until: 0 });
    return {
      k_current: "k1:a secret of sixteen letters or more",
      "cfgthr#g:snake": game,
      "cfgthr#g:snake#p:all": board,
      "cfgthr#g:snake#p:monthly": board,
      "cfgthr#g:snake#p:daily": board,
    };
  }
}

/** The leaderboards behind the edge, best of each player, most points first. */
class Origin {
  boards = {};
  plays = {};

  put({ uri, headers }, body, { topN }) {
    const [, , , , periods, userId] = uri.split("/");
    const play = headers["x-play-id"].value.split("@")[0];
    const values = JSON.stringify([headers["x-score"].value, headers["x-play-ms"].value, headers["x-player"].value, body]);
    if ((this.plays[play] ??= values) !== values) {
      return refusal(409, "play_already_submitted");
    }
    const candidate = {
      userId,
      userName: decodeURIComponent(headers["x-player"].value),
      score: Number(headers["x-score"].value),
      timeMs: Number(headers["x-play-ms"].value),
      play,
    };
    const results = {};
    for (const period of periods.split(",")) {
      results[period] = this.#enter(period, candidate, topN);
    }
    const accepted = Object.values(results).some((board) => board.accepted);
    return { status: 200, body: { accepted, rankChanged: accepted, results } };
  }

  #enter(period, candidate, topN) {
    const before = this.boards[period] ?? [];
    const own = before.find(({ userId }) => userId === candidate.userId);
    const best = own && own.score >= candidate.score ? own : candidate;
    const others = before.filter((entry) => entry !== own);
    const after = [...others, best].sort((one, other) => other.score - one.score).slice(0, topN);
    this.boards[period] = after;
    const place = after.indexOf(best);
    const rank = place < 0 ? null : place + 1;
    return {
      accepted: place >= 0 && best.play === candidate.play,
      rank,
      best: rank && { rank, ...best },
      top: after,
    };
  }

  ranking(period) {
    return { gameId: "snake", period, items: this.boards[period] ?? [] };
  }
}

export function refusal(status, code, headers = {}) {
  return { status, headers, body: { error: { code, message: `field: ${code}` } } };
}

class FakeStorage {
  #items = new Map();

  getItem(key) {
    return this.#items.get(key) ?? null;
  }

  setItem(key, value) {
    this.#items.set(key, String(value));
  }

  removeItem(key) {
    this.#items.delete(key);
  }
}

class Locks {
  #last = {};

  request(name, task) {
    const done = Promise.resolve(this.#last[name]).then(() => task({}));
    this.#last[name] = done.catch(() => {});
    return done;
  }
}

function responseOf({ status, headers = {}, body }) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Response(text, { status, headers });
}

function lowerCased(headers) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}

function fields(values) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}
