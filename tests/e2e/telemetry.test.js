// Telemetry as the SDK tells it, to the deployed system. HTMLGAME_SITE is where its edge is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const SITE = process.env.HTMLGAME_SITE;
const projectId = process.env.HTMLGAME_PROJECT;
const { connectTelemetry } = await import(pathToFileURL(process.env.HTMLGAME_SDK));

const asked = [];
const beacons = [];
globalThis.document = Object.assign(new EventTarget(), { hidden: false });
Object.defineProperty(globalThis, "navigator", {
  value: {
    sendBeacon(path, body) {
      beacons.push(send(path, { method: "POST", body }));
      return true;
    },
  },
});

function send(path, init) {
  asked.push(path.split("/telemetry/")[1]);
  return fetch(SITE + path, init);
}

function connect(options) {
  asked.length = 0;
  return connectTelemetry({ projectId, storage: null, fetch: send, ...options });
}

test("events and scores are taken, but for those the project does not take", async () => {
  const telemetry = connect({ playerKey: "somebody" });
  for (let stage = 1; stage <= 30; stage += 1) {
    telemetry.track("death", { stage, reason: "壁" });
  }
  telemetry.track("not_allowed");
  telemetry.score(120, { mode: "normal" });
  await telemetry.flush();
  assert.deepEqual([telemetry.pending, telemetry.dropped], [0, 1]);
  assert.deepEqual(asked, ["session", "events", "events", "score"]);
  telemetry.end();
  await Promise.all(beacons);
});

test("what waits when the page is hidden leaves by beacon", async () => {
  const telemetry = connect();
  telemetry.track("death", { stage: 1 });
  await telemetry.flush();
  telemetry.track("level_up", { by: "beacon" });
  document.hidden = true;
  document.dispatchEvent(new Event("visibilitychange"));
  const [answer] = await Promise.all(beacons);
  assert.deepEqual((await answer.json()).ok, true);
  telemetry.end();
  const ended = await beacons.at(-1);
  assert.deepEqual(await ended.json(), { ok: true });
  assert.deepEqual(asked, ["session", "events", "events", "session/end"]);
});

test("a project that is not known is given up", async () => {
  const telemetry = connect({ projectId: "0190a5b0-0000-7000-8000-00000000dead" });
  telemetry.track("death");
  await telemetry.flush();
  await telemetry.flush();
  assert.deepEqual([asked, telemetry.pending, telemetry.dropped], [["session"], 0, 1]);
});
