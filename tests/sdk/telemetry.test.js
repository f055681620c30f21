import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { TelemetryServer } from "./telemetry-server.js";
import { refusal, World } from "./world.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const UUID_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let world;
let server;

beforeEach(() => {
  world = new World();
  server = new TelemetryServer(world);
  world.telemetry = server;
});

async function connect(options) {
  const { connectTelemetry } = await world.sdk("telemetry");
  return connectTelemetry({ projectId: "a-project", storage: world.storage, ...options });
}

function sent(room) {
  return world.requests.filter(({ path }) => path.endsWith(`/telemetry/${room}`));
}

function track(telemetry, count, prefix = "e") {
  for (let number = 1; number <= count; number += 1) {
    telemetry.track(`${prefix}${number}`, { number });
  }
}

test("events leave together, with ids that sort by time", async () => {
  const telemetry = await connect();
  telemetry.track("death", { stage: 3 });
  await world.pass(300);
  telemetry.track("retry");
  await world.pass(5 * SECOND);
  assert.deepEqual(server.names, ["death", "retry"]);
  const [death, retry] = server.events;
  assert.deepEqual(death.data, { stage: 3 });
  assert.equal(retry.at - death.at, 300);
  assert.match(death.id, UUID_7);
  assert.ok(death.id < retry.id);
  assert.equal(parseInt(death.id.replace("-", "").slice(0, 12), 16), death.at);
  assert.deepEqual([sent("session").length, sent("events").length], [1, 1]);
  assert.deepEqual([telemetry.pending, telemetry.dropped], [0, 0]);
});

test("nothing is asked before there is something to tell", async () => {
  await connect();
  await world.pass(MINUTE);
  assert.equal(world.requests.length, 0);
});

test("events keep the values of the moment of the call", async () => {
  const telemetry = await connect();
  const data = { lives: 3 };
  telemetry.track("hit", data);
  data.lives = 2;
  await world.pass(2 * SECOND);
  assert.deepEqual(server.events[0].data, { lives: 3 });
});

test("many events leave in requests of twenty-five, without waiting", async () => {
  const telemetry = await connect();
  track(telemetry, 60);
  await world.pass(SECOND);
  assert.equal(server.events.length, 60);
  assert.deepEqual(sent("events").map(({ body }) => JSON.parse(body).events.length), [25, 25, 10]);
  assert.equal(sent("session").length, 1);
});

test("later events are gathered", async () => {
  const telemetry = await connect({ flushMs: 20 * SECOND });
  telemetry.track("first");
  await world.pass(2 * SECOND);
  for (let second = 0; second < 18; second += 1) {
    telemetry.track("later");
    await world.pass(SECOND);
  }
  assert.equal(sent("events").length, 1);
  await world.pass(3 * SECOND);
  assert.deepEqual([sent("events").length, server.events.length], [2, 19]);
});

test("scores are sent, too", async () => {
  const telemetry = await connect();
  telemetry.score(120, { mode: "normal" });
  telemetry.track("death");
  telemetry.score(130);
  await world.until(telemetry.flush());
  assert.deepEqual(server.scores.map(({ score }) => score), [120, 130]);
  assert.deepEqual(server.scores[0].metadata, { mode: "normal" });
  assert.match(server.scores[0].id, UUID_7);
  assert.deepEqual(server.names, ["death"]);
});

test("flush settles when the waiting events are sent", async () => {
  const telemetry = await connect();
  track(telemetry, 3);
  await world.until(Promise.all([telemetry.flush(), telemetry.flush()]));
  assert.equal(server.events.length, 3);
  assert.equal(sent("events").length, 1);
});

test("a session that is not sampled sends nothing", async () => {
  const telemetry = await connect({ sample: 0 });
  track(telemetry, 30);
  telemetry.score(1);
  await world.until(telemetry.flush());
  world.show(false);
  telemetry.end();
  await world.pass(MINUTE);
  assert.equal(world.requests.length, 0);
  assert.deepEqual([telemetry.sampled, telemetry.pending, telemetry.dropped], [false, 0, 0]);
});

test("where there is no page, as in a worker, events leave all the same", async () => {
  globalThis.document = undefined;
  const telemetry = await connect();
  telemetry.track("first");
  await world.pass(5 * SECOND);
  assert.deepEqual(server.names, ["first"]);
});

test("sessions are sampled one by one", async () => {
  const real = Math.random;
  try {
    for (const [dice, sampled] of [[0.19, true], [0.2, false], [0.9, false]]) {
      Math.random = () => dice;
      assert.equal((await connect({ sample: 0.2 })).sampled, sampled);
    }
  } finally {
    Math.random = real;
  }
});

test("offline the oldest make room, and are counted", async () => {
  const telemetry = await connect({ queueLimit: 40 });
  world.down = true;
  track(telemetry, 100);
  await world.pass(MINUTE);
  assert.deepEqual([telemetry.pending, telemetry.dropped], [40, 60]);
  world.goOnline();
  await world.pass(5 * SECOND);
  assert.deepEqual(server.names, Array.from({ length: 40 }, (_, place) => `e${place + 61}`));
  assert.deepEqual([telemetry.pending, telemetry.dropped], [0, 60]);
});

test("a network that is away is asked ever more seldom", async () => {
  const telemetry = await connect();
  world.down = true;
  track(telemetry, 3);
  await world.pass(60 * MINUTE);
  const at = world.requests.map((request) => request.at);
  const waits = at.slice(1).map((moment, place) => moment - at[place]);
  assert.ok(at.length < 25, String(at.length));
  assert.ok(waits[3] > waits[0]);
  assert.ok(Math.max(...waits) < 11 * MINUTE);
});

test("a wait that the server asks for is waited, whatever the network does", async () => {
  const telemetry = await connect();
  world.next("telemetry/events", refusal(429, "too_many_requests", { "Retry-After": "30" }));
  track(telemetry, 3);
  await world.pass(10 * SECOND);
  world.goOnline();
  await world.until(telemetry.flush());
  await world.pass(10 * SECOND);
  assert.equal(sent("events").length, 1);
  await world.pass(20 * SECOND);
  assert.deepEqual([sent("events").length, server.events.length], [2, 3]);
  assert.ok(sent("events")[1].at - sent("events")[0].at >= 30 * SECOND);
});

test("only what is worth it is sent again", async () => {
  const telemetry = await connect();
  server.busy.add("e2");
  server.forbidden.add("e3");
  track(telemetry, 4);
  await world.until(telemetry.flush());
  assert.deepEqual([server.names, telemetry.pending, telemetry.dropped], [["e1", "e4"], 1, 1]);
  await world.pass(30 * SECOND);
  assert.deepEqual(server.names, ["e1", "e4", "e2"]);
  const [first, second] = sent("events").map(({ body }) => JSON.parse(body).events);
  assert.deepEqual(second, [first[1]]);
  assert.equal(sent("events").length, 2);
});

test("an answer that is lost makes no event twice", async () => {
  const telemetry = await connect();
  world.next("telemetry/events", "answer lost");
  track(telemetry, 3);
  await world.pass(MINUTE);
  assert.equal(sent("events").length, 2);
  assert.deepEqual(server.names, ["e1", "e2", "e3"]);
});

test("a batch that is refused is not sent again", async () => {
  const telemetry = await connect();
  world.next("telemetry/events", refusal(400, "malformed"));
  track(telemetry, 3);
  await world.pass(MINUTE);
  assert.deepEqual([sent("events").length, telemetry.pending, telemetry.dropped], [1, 0, 3]);
  telemetry.track("later");
  await world.pass(MINUTE);
  assert.deepEqual(server.names, ["later"]);
});

test("a project that is not known is not asked for again", async () => {
  const telemetry = await connect({ projectId: "another" });
  track(telemetry, 3);
  await world.pass(MINUTE);
  track(telemetry, 3);
  world.show(false);
  world.show(true);
  await world.pass(MINUTE);
  assert.equal(world.requests.length, 1);
  assert.deepEqual([telemetry.pending, telemetry.dropped], [0, 3]);
});

test("the token is renewed before it expires, while the page is visible", async () => {
  const telemetry = await connect();
  telemetry.track("first");
  await world.pass(50 * MINUTE);
  telemetry.track("later");
  await world.pass(20 * SECOND);
  assert.equal(server.begun.length, 1);
  assert.equal(sent("session/renew").length, 3);
  assert.equal(server.events[1].sessionId, server.begun[0]);
});

test("a clock that is wrong renews as well", async () => {
  for (const offMs of [-400 * 24 * 60 * MINUTE, 400 * 24 * 60 * MINUTE]) {
    world.requests = [];
    world.setClientClock(offMs);
    const telemetry = await connect();
    telemetry.track("first");
    await world.pass(20 * MINUTE);
    assert.deepEqual([sent("session").length, sent("session/renew").length], [1, 1]);
    telemetry.end();
  }
});

test("a session nobody looked at gives way to another", async () => {
  const telemetry = await connect();
  telemetry.track("first");
  await world.pass(5 * SECOND);
  world.show(false);
  await world.pass(60 * MINUTE);
  assert.equal(sent("session/renew").length, 0);
  world.show(true);
  telemetry.track("later");
  await world.pass(20 * SECOND);
  assert.deepEqual(server.names, ["first", "later"]);
  assert.equal(server.begun.length, 2);
});

test("a machine that slept finds its token expired, and begins another session", async () => {
  const telemetry = await connect();
  telemetry.track("first");
  await world.pass(5 * SECOND);
  world.sleep(60 * MINUTE);
  telemetry.track("later");
  await world.pass(20 * SECOND);
  assert.deepEqual(server.names, ["first", "later"]);
  assert.deepEqual([server.begun.length, telemetry.dropped], [2, 0]);
});

test("a session that cannot be renewed any more is not renewed again and again", async () => {
  server.sessionMs = 20 * MINUTE;
  const telemetry = await connect();
  for (let minute = 0; minute < 40; minute += 1) {
    telemetry.track("minute");
    await world.pass(MINUTE);
  }
  assert.equal(server.events.length, 40);
  assert.ok(server.begun.length <= 3);
  assert.ok(sent("session/renew").length < 8, String(sent("session/renew").length));
});

test("tokens that are never good are not asked for without end", async () => {
  const telemetry = await connect();
  server.tokenMs = 5 * MINUTE;
  for (let times = 0; times < 200; times += 1) {
    world.next("telemetry/events", refusal(401, "bad_token"));
  }
  track(telemetry, 3);
  await world.pass(60 * MINUTE);
  assert.ok(world.requests.length < 60, String(world.requests.length));
  assert.equal(telemetry.pending, 3);
});

test("what waits leaves by beacon when the page is hidden", async () => {
  const telemetry = await connect();
  telemetry.track("first");
  await world.pass(5 * SECOND);
  track(telemetry, 30);
  world.show(false);
  assert.equal(telemetry.pending, 0);
  await world.pass(SECOND);
  const beacons = sent("events").filter(({ beacon }) => beacon);
  assert.deepEqual(beacons.map(({ body }) => JSON.parse(body).events.length), [25, 5]);
  assert.equal(server.events.length, 31);
});

test("events that are on their way arrive although the page is closed", async () => {
  const telemetry = await connect();
  telemetry.track("first");
  while (!sent("events").length) {
    await world.pass(10);
  }
  world.closePage();
  await world.pass(SECOND);
  assert.deepEqual(server.names, ["first"]);
});

test("what a beacon does not take waits for the next visit", async () => {
  const telemetry = await connect();
  telemetry.track("first");
  await world.pass(5 * SECOND);
  world.beacon = () => false;
  telemetry.track("last");
  world.show(false);
  await world.pass(SECOND);
  assert.deepEqual(server.names, ["first"]);
  world.document = world.window = new EventTarget();
  await connect();
  await world.pass(5 * SECOND);
  assert.deepEqual(server.names, ["first", "last"]);
});

test("unsent events wait for the next visit, once", async () => {
  world.down = true;
  const telemetry = await connect({ queueLimit: 5 });
  track(telemetry, 7);
  telemetry.score(9);
  await world.pass(MINUTE);
  world.show(false);
  assert.equal(telemetry.pending, 0);
  world.show(true);
  assert.equal(telemetry.pending, 5);
  world.show(false);
  world.goOnline();
  const visit = await connect({ queueLimit: 5 });
  await world.pass(5 * SECOND);
  assert.deepEqual(server.names, ["e4", "e5", "e6", "e7"]);
  assert.deepEqual(server.scores.map(({ score }) => score), [9]);
  world.show(true);
  await world.pass(MINUTE);
  assert.equal(server.events.length, 4);
  assert.equal(visit.dropped, 0);
});

test("stored values may be anything", async () => {
  for (const kept of ["", "{", "7", "null", "[7]", '[{"room":"../x","content":{}}]', '[{"room":"score"}]']) {
    world.storage.setItem("htmlgame.telemetry.a-project", kept);
    const telemetry = await connect();
    telemetry.track("event");
    await world.pass(2 * SECOND);
    telemetry.end();
  }
  assert.equal(server.events.length, 7);
});

test("without storage what cannot be sent waits in the page", async () => {
  const blocked = {};
  for (const storage of [null, blocked, undefined]) {
    world.down = true;
    const telemetry = await connect({ storage });
    track(telemetry, 2);
    await world.pass(5 * SECOND);
    world.show(false);
    world.show(true);
    assert.equal(telemetry.pending, 2);
    world.goOnline();
    await world.pass(5 * SECOND);
    assert.equal(telemetry.pending, 0);
    telemetry.end();
  }
});

test("an end is sent by beacon with waiting events, and is final", async () => {
  const telemetry = await connect();
  telemetry.track("first");
  await world.pass(5 * SECOND);
  telemetry.track("last");
  telemetry.end();
  telemetry.end();
  telemetry.track("nobody hears");
  world.show(false);
  await world.pass(60 * MINUTE);
  assert.deepEqual(server.names, ["first", "last"]);
  assert.deepEqual(server.ended, server.begun);
  assert.equal(sent("session/renew").length, 0);
});

test("no value of a game makes it throw", async () => {
  const telemetry = await connect();
  const circular = {};
  circular.self = circular;
  for (const data of [circular, { big: 1n }, { long: "x".repeat(3_000) }, { wide: "漢".repeat(700) }]) {
    telemetry.track("event", data);
  }
  assert.deepEqual([telemetry.pending, telemetry.dropped], [0, 4]);
  for (const data of [null, undefined, 7, () => {}, Symbol("x"), NaN]) {
    telemetry.track("event", data);
    telemetry.score(data, data);
    telemetry.track(data);
  }
  telemetry.track("x".repeat(100_000));
  await world.until(telemetry.flush());
  const { connectTelemetry } = await world.sdk("telemetry");
  connectTelemetry().track("event");
  await world.pass(MINUTE);
});

test("nothing a server answers makes it throw", async () => {
  const answers = [
    { status: 200, body: "<!doctype html>" },
    { status: 200, body: "null" },
    { status: 200, body: "7" },
    { status: 200, body: {} },
    { status: 200, body: { sessionId: 7, token: 7, expiresAt: "soon", results: 7 } },
    { status: 503, body: "" },
  ];
  for (const room of ["telemetry/session", "telemetry/events"]) {
    for (const answer of answers) {
      world.next(room, answer);
      const telemetry = await connect({ storage: null });
      track(telemetry, 2);
      await world.pass(MINUTE);
      telemetry.end();
    }
  }
});

test("a browser without beacons keeps what waits", async () => {
  const telemetry = await connect();
  telemetry.track("first");
  await world.pass(5 * SECOND);
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: {} });
  telemetry.track("last");
  world.show(false);
  world.show(true);
  await world.pass(20 * SECOND);
  assert.deepEqual(server.names, ["first", "last"]);
});
