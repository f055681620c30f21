/**
 * Telemetry of a game. Nothing here throws or makes the game wait.
 * Usage: docs/reference/sdk.md.
 */

const STORED_AS = "htmlgame.telemetry.";
const MOST_AT_ONCE = { events: 25, score: 1 };
const MOST_DATA_BYTES = 2_048;

const ONE_TRY_MS = 10_000;
const FIRST_FLUSH_MS = 1_000;
const RENEW_BEFORE_MS = 60_000;
const LONGEST_BACKOFF_MS = 300_000;

export function connectTelemetry({
  projectId,
  api = "/api",
  playerKey,
  sample = 1,
  flushMs = 10_000,
  queueLimit = 200,
  storage,
  fetch = (...request) => globalThis.fetch(...request),
} = {}) {
  const sampled = Math.random() < sample;
  const wire = newWire(`${api}/telemetry/`, fetch);
  const session = newSession(wire, { projectId, playerKey });
  const shelf = newShelf(storage, STORED_AS + projectId);
  let queue = [];
  let dropped = 0;
  let working = sampled;
  let flushing;
  let timer;

  function add(room, data, content) {
    if (!working) {
      return;
    }
    try {
      if (bytesIn(data) > MOST_DATA_BYTES) {
        throw new RangeError("more than the server takes");
      }
      // A copy, because the game may change the object later.
      const item = { room, content: copyOf({ id: uuid7(), ...content }) };
      enqueue([...queue, item]);
    } catch {
      dropped += 1;
    }
    schedule();
  }

  /** If the queue is full, the oldest entries are dropped. */
  function enqueue(items) {
    const excess = Math.max(items.length - queueLimit, 0);
    queue = items.slice(excess);
    dropped += excess;
  }

  function take() {
    const { room } = queue[0];
    const batch = queue.filter((item) => item.room === room).slice(0, MOST_AT_ONCE[room]);
    queue = queue.filter((item) => !batch.includes(item));
    return batch;
  }

  function messageOf(batch) {
    const [{ room, content }] = batch;
    const told = room === "events" ? { events: batch.map((item) => item.content) } : content;
    return [room, { ...session.credentials, ...told }];
  }

  function schedule() {
    if (!working || !queue.length || flushing) {
      return;
    }
    if (queue.length >= MOST_AT_ONCE.events && wire.heldMs <= 0) {
      flush();
    } else {
      const waitMs = session.credentials ? flushMs : FIRST_FLUSH_MS;
      timer ??= setTimeout(flush, Math.max(waitMs, wire.heldMs));
    }
  }

  function flush() {
    clearTimeout(timer);
    timer = undefined;
    flushing ??= drain()
      .catch(() => {})
      .finally(() => {
        flushing = undefined;
        schedule();
      });
    return flushing;
  }

  async function drain() {
    while (queue.length && wire.heldMs <= 0) {
      const ready = await session.ready();
      // The page may have been left in the meantime.
      if (!ready || !queue.length) {
        break;
      }
      const batch = take();
      settle(batch, await wire.post(...messageOf(batch)));
    }
    if (session.refused) {
      stop();
    }
  }

  function stop() {
    working = false;
    clearTimeout(timer);
    dropped += queue.length;
    queue = [];
  }

  function settle(batch, { said, refused }) {
    let again = batch;
    if (said) {
      const results = said.results ?? [];
      again = batch.filter((_, place) => results[place]?.retry);
      dropped += results.filter(({ ok, retry }) => !ok && !retry).length;
    } else if (refused === 401) {
      session.forget();
    } else if (refused) {
      again = [];
      dropped += batch.length;
    }
    if (again.length) {
      wire.hold();
    }
    enqueue([...again, ...queue]);
  }

  /** The page may not come back: a beacon outlives it, and the rest is stored. */
  function leave() {
    while (queue.length && wire.heldMs <= 0 && session.credentials) {
      const batch = take();
      if (!wire.beacon(...messageOf(batch))) {
        enqueue([...batch, ...queue]);
        break;
      }
    }
    if (queue.length) {
      enqueue([...shelf.take(), ...queue]);
      queue = shelf.put(queue) ? [] : queue;
    }
  }

  function comeBack() {
    if (working) {
      enqueue([...shelf.take(), ...queue]);
      schedule();
    }
  }

  function end() {
    if (working) {
      leave();
      session.end();
      stop();
    }
  }

  if (working) {
    globalThis.document?.addEventListener("visibilitychange", () =>
      document.hidden ? leave() : comeBack(),
    );
    globalThis.addEventListener?.("online", () => wire.wake() && flush());
    comeBack();
  }

  return {
    sampled,
    get pending() {
      return queue.length;
    },
    get dropped() {
      return dropped;
    },
    track: (eventName, data) => add("events", data, { eventName, data, at: Date.now() }),
    score: (score, metadata) => add("score", metadata, { score, metadata }),
    flush,
    end,
  };
}

/** A session and its token, renewed while the page is visible. */
function newSession(wire, start) {
  let held;
  let asking;
  let renewal;
  let refused = false;

  function credentials() {
    return held && now() < held.until ? held.credentials : undefined;
  }

  async function ready() {
    if (credentials() && now() < held.renewAt) {
      return true;
    }
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  }

  async function ask() {
    const known = credentials();
    const answer = await (known ? wire.post("session/renew", known) : wire.post("session", start));
    if (answer.refused && known) {
      held = undefined;
      return ask();
    }
    refused = Boolean(answer.refused);
    if (answer.said) {
      accept(answer.said, known && held.epoch);
      return Boolean(credentials()) || wire.hold();
    }
    return false;
  }

  /** The id contains the server's time, so expiry does not depend on the device's clock. */
  function accept({ sessionId, token, expiresAt }, epoch = now() - madeMs(String(sessionId))) {
    const until = epoch + expiresAt * 1000;
    // A session's last token cannot be extended, so renew no more often than this.
    const renewAt = Math.max(until - RENEW_BEFORE_MS, now() + RENEW_BEFORE_MS);
    held = { credentials: { sessionId, token }, epoch, until, renewAt };
    clearTimeout(renewal);
    renewal = setTimeout(renewIfSeen, renewAt - now());
  }

  function renewIfSeen() {
    if (credentials() && !globalThis.document?.hidden) {
      ready();
    }
  }

  function forget() {
    held = undefined;
    clearTimeout(renewal);
  }

  return {
    get credentials() {
      return credentials();
    },
    get refused() {
      return refused;
    },
    ready,
    forget,
    end() {
      if (credentials()) {
        wire.beacon("session/end", credentials());
      }
      forget();
    },
  };
}

/** Posts, and backs off after failures. */
function newWire(url, fetch) {
  let failures = 0;
  let heldUntil = 0;
  let mayWake = false;

  function hold(askedMs = 0) {
    if (heldUntil > now()) {
      return;
    }
    failures += 1;
    const backoffMs = Math.min(500 * 2 ** failures, LONGEST_BACKOFF_MS) * (1 + Math.random());
    heldUntil = now() + askedMs + backoffMs;
    mayWake = !askedMs;
  }

  async function post(room, content) {
    try {
      const response = await fetch(url + room, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(content),
        keepalive: true,
        signal: AbortSignal.timeout(ONE_TRY_MS),
      });
      const { status, ok, headers } = response;
      if (status > 399 && status < 500 && status !== 429) {
        return { refused: status };
      }
      if (!ok) {
        hold(headers.get("Retry-After") * 1000 || 0);
        return {};
      }
      const said = Object(await response.json());
      if (!room.startsWith("session")) {
        failures = 0;
      }
      return { said };
    } catch {
      hold();
      return {};
    }
  }

  return {
    get heldMs() {
      return heldUntil - now();
    },
    hold,
    post,
    beacon: (room, content) => navigator.sendBeacon?.(url + room, JSON.stringify(content)),
    /** Whether the network's return should end the wait. */
    wake() {
      if (mayWake) {
        heldUntil = 0;
      }
      return mayWake;
    },
  };
}

/** Stores unsent entries for the next visit, if storage allows. */
function newShelf(storage, name) {
  const place = () => (storage === undefined ? localStorage : storage);
  return {
    put(items) {
      try {
        place().setItem(name, JSON.stringify(items));
        return true;
      } catch {
        return false;
      }
    },
    take() {
      try {
        const items = JSON.parse(place().getItem(name)) ?? [];
        place().removeItem(name);
        return items.filter(({ room, content }) => content && room in MOST_AT_ONCE);
      } catch {
        return [];
      }
    },
  };
}

function now() {
  return performance.now();
}

function copyOf(content) {
  return JSON.parse(JSON.stringify(content));
}

function bytesIn(data) {
  return new TextEncoder().encode(JSON.stringify(data)).length;
}

/** UUID version 7: time first, then random bits. */
function uuid7() {
  const time = Date.now().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}

function madeMs(uuid) {
  return parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);
}
