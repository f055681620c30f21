// The server's side of telemetry: /telemetry/session, …/events, …/score.

const TOKEN_MS = 900_000;

export class TelemetryServer {
  #world;
  #sessions = 0;

  constructor(world, { project = "a-project", tokenMs = TOKEN_MS, sessionMs = Infinity } = {}) {
    this.#world = world;
    this.project = project;
    this.tokenMs = tokenMs;
    this.sessionMs = sessionMs;
    this.events = [];
    this.scores = [];
    this.begun = [];
    this.ended = [];
    this.busy = new Set();
    this.forbidden = new Set();
  }

  get names() {
    return this.events.map(({ eventName }) => eventName);
  }

  answer(room, body) {
    const content = JSON.parse(body);
    if (room === "session") {
      return this.#begin(content);
    }
    const { sessionId, token, ...told } = content;
    const [began, expires] = token.split(".").map(Number);
    if (!this.begun.includes(sessionId) || this.#world.wall >= expires) {
      return refused(401, "token_expired");
    }
    const rooms = {
      "session/renew": () => this.#granted(sessionId, began),
      "session/end": () => this.#end(sessionId),
      events: () => this.#take(sessionId, told.events),
      score: () => this.#score(sessionId, told),
    };
    return rooms[room]();
  }

  #begin({ projectId }) {
    if (projectId !== this.project) {
      return refused(404, "unknown_project");
    }
    const began = Math.floor(this.#world.wall);
    const time = began.toString(16).padStart(12, "0");
    this.#sessions += 1;
    const random = String(this.#sessions).padStart(12, "0");
    const sessionId = `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${random}`;
    this.begun.push(sessionId);
    return this.#granted(sessionId, began);
  }

  #granted(sessionId, began) {
    const until = Math.min(this.#world.wall + this.tokenMs, began + this.sessionMs);
    const expiresAt = Math.floor(until / 1000);
    return { status: 200, body: { sessionId, token: `${began}.${expiresAt * 1000}`, expiresAt } };
  }

  #end(sessionId) {
    this.ended.push(sessionId);
    return { status: 200, body: { ok: true } };
  }

  #take(sessionId, events) {
    if (!Array.isArray(events) || events.length < 1 || events.length > 25) {
      return refused(400, "malformed");
    }
    const results = events.map((event) => this.#judge(sessionId, event));
    return { status: 200, body: { ok: results.every(({ ok }) => ok), results } };
  }

  #judge(sessionId, event) {
    const { id, eventName } = event;
    if (this.forbidden.has(eventName)) {
      return { id, ok: false, error: { code: "event_not_allowed", message: "" }, retry: false };
    }
    if (this.busy.delete(eventName)) {
      return { id, ok: false, error: { code: "busy", message: "" }, retry: true };
    }
    if (!this.events.some((kept) => kept.id === id && kept.sessionId === sessionId)) {
      this.events.push({ sessionId, ...event });
    }
    return { id, ok: true };
  }

  #score(sessionId, told) {
    this.scores.push({ sessionId, ...told });
    return { status: 200, body: { ok: true } };
  }
}

function refused(status, code) {
  return { status, body: { error: { code, message: code } } };
}
