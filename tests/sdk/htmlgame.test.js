import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { beforeEach, test } from "node:test";

import { refusal, World } from "./world.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

let world;

beforeEach(() => {
  world = new World();
});

async function played(ms = 10 * SECOND, options = {}) {
  const game = await world.connect(options);
  const play = await world.until(game.start());
  await world.pass(ms);
  return { game, play };
}

async function bestTimeMs(play, score = 20) {
  const { boards } = await world.until(play.submit(score));
  return boards.all.best.timeMs;
}

test("a player is made once", async () => {
  const first = await world.connect();
  const again = await world.connect();
  assert.match(first.player.id, /^[\w-]{22}$/);
  assert.deepEqual(again.player, first.player);
  assert.equal(first.player.name, `Player ${first.player.id.slice(0, 4)}`);
  assert.equal(first.remembered, true);
  assert.equal(world.requests.length, 0);
});

test("tabs that are opened at once make one player", async () => {
  const { connect } = await world.sdk();
  const options = { game: "snake", storage: world.storage };
  const [one, other] = await world.until(Promise.all([connect(options), connect(options)]));
  assert.equal(one.player.id, other.player.id);
});

test("without storage a player lasts as long as the page", async () => {
  const game = await world.connect({ storage: null });
  assert.equal(game.remembered, false);
  const play = await world.until(game.start());
  await world.pass(5 * SECOND);
  assert.equal((await world.until(play.submit(3))).status, "ranked");
});

test("localStorage is where the player is kept, and it may throw", async () => {
  globalThis.localStorage = world.storage;
  const kept = await world.connect({ storage: undefined });
  assert.equal(JSON.parse(world.storage.getItem("htmlgame.player")).name, kept.player.name);
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    get() {
      throw new DOMException("denied", "SecurityError");
    },
  });
  const game = await world.connect({ storage: undefined });
  assert.equal(game.remembered, false);
  game.rename("Zoë");
  assert.equal(game.player.name, "Zoë");
});

test("storage that is full is as good as none", async () => {
  world.storage.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  assert.equal((await world.connect()).remembered, false);
});

test("stored values may be anything", async () => {
  for (const kept of ["", "null", "7", "{", '{"key":"short"}', '{"key":{}}', '{"key":7,"name":7}']) {
    world.storage.setItem("htmlgame.player", kept);
    const game = await world.connect();
    assert.match(game.player.id, /^[\w-]{22}$/);
    assert.equal((await world.connect()).player.id, game.player.id);
  }
});

test("a key that is kept with a name nobody could see gets another name", async () => {
  for (const name of ["\u200b", "", null, undefined, 7, {}]) {
    const key = "k".repeat(32);
    world.storage.setItem("htmlgame.player", JSON.stringify({ key, name }));
    const game = await world.connect();
    assert.equal(JSON.parse(world.storage.getItem("htmlgame.player")).key, key);
    assert.ok(game.player.name.trim());
  }
});

test("a page opens while another tab's start waits for the network", async () => {
  const first = await world.connect();
  let held;
  const request = (name, task) => ((held ??= name) === name ? new Promise(() => {}) : task({}));
  world.locks({ request });
  first.start();
  assert.ok((await world.connect()).player.id);
});

test("locks may be missing, or blocked", async () => {
  const blocked = { request: () => Promise.reject(new DOMException("denied", "SecurityError")) };
  for (const locks of [undefined, blocked]) {
    world = new World();
    world.locks(locks);
    const { play } = await played();
    assert.equal((await world.until(play.submit(3))).status, "ranked");
  }
});

test("a name is cleaned, cut and kept", async () => {
  const game = await world.connect({ name: "Ann" });
  assert.equal(game.player.name, "Ann");
  for (const [given, shown] of [
    ["  Bob\u202e\n", "Bob"],
    ["ｆｕｌｌ　ｗｉｄｔｈ", "full width"],
    ["a\tb", "a b"],
    ["🐍".repeat(30), "🐍".repeat(24)],
    ["half \ud83d", "half"],
    [42, "42"],
  ]) {
    game.rename(given);
    assert.equal(game.player.name, shown);
    assert.equal((await world.connect({ name: "Ann" })).player.name, shown);
  }
});

test("a name of which nothing is visible is refused and changes nothing", async () => {
  const game = await world.connect({ name: "Ann" });
  for (const name of ["", "   ", "\u200b\u202e"]) {
    assert.throws(() => game.rename(name), { name: "HtmlgameError", code: "bad_name" });
  }
  assert.equal(game.player.name, "Ann");
});

test("a name is cleaned by the server's rule", async () => {
  const cases = JSON.parse(await readFile(new URL("../names.json", import.meta.url), "utf8"));
  const game = await world.connect({ name: "Ann" });
  for (const { case: said, raw, name } of cases) {
    if (name === null) {
      assert.throws(() => game.rename(raw), { code: "bad_name" }, said);
    } else {
      game.rename(raw);
      assert.equal(game.player.name, name, said);
    }
  }
});

test("a name that is cut ends with a whole character", async () => {
  const game = await world.connect({ name: "Ann" });
  game.rename(`${"a".repeat(22)}\u{1f468}\u200d\u{1f469}`);
  assert.equal(game.player.name, `${"a".repeat(22)}\u{1f468}`);
});

test("a player moves to another device with a code", async () => {
  const here = await world.connect({ name: "Ann. O'Neill (2.)" });
  const code = here.exportPlayer();
  const there = await world.connect({ storage: Object.create(world.storage, { getItem: { value: () => null } }) });
  assert.notEqual(there.player.id, here.player.id);
  await world.until(there.importPlayer(` ${code.slice(0, 20)}\n${code.slice(20)} `));
  assert.deepEqual(there.player, here.player);
  assert.deepEqual((await world.connect()).player, here.player);
});

test("a code that is mistyped or cut is refused and changes nothing", async () => {
  const game = await world.connect();
  const before = game.player;
  const code = game.exportPlayer();
  const bent = (code[0] === "x" ? "y" : "x") + code.slice(1);
  for (const wrong of [bent, code.slice(0, -1), code.slice(1), "", "a.b.c", `${"k".repeat(32)}.%.abcdef`, undefined, 7]) {
    const error = await world.failure(game.importPlayer(wrong));
    assert.equal(error.code, "bad_player_code");
    assert.ok(!error.message.includes("kkk"));
  }
  assert.deepEqual(game.player, before);
});

test("what one tab does to the player, the other follows", async () => {
  const one = await world.connect();
  const other = await world.connect();
  const told = () => {
    world.window.dispatchEvent(new Event("storage"));
    return world.pass(1);
  };
  one.rename("Bob");
  await told();
  assert.equal(other.player.name, "Bob");
  const guest = await world.connect({ storage: null });
  await world.until(one.importPlayer(guest.exportPlayer()));
  await told();
  assert.deepEqual(other.player, guest.player);
  world.storage.setItem("htmlgame.player", "nonsense");
  await told();
  assert.deepEqual(other.player, guest.player);
});

test("a game needs an id, and a page that may hash", async () => {
  const { connect } = await world.sdk();
  assert.equal((await world.failure(connect({}))).code, "malformed");
  const { start } = await world.connect({ game: "Snake" });
  assert.equal((await world.failure(start())).code, "malformed");
  Object.defineProperty(crypto, "subtle", { configurable: true, value: undefined });
  assert.equal((await world.failure(connect({ game: "snake" }))).code, "insecure_page");
});

test("a play is ranked with the time that was played", async () => {
  const { game, play } = await played(10 * SECOND);
  const result = await world.until(play.submit(20, { periods: ["all", "monthly"], meta: { level: 3 } }));
  assert.equal(result.status, "ranked");
  assert.equal(result.rankChanged, true);
  assert.deepEqual(Object.keys(result.boards), ["all", "monthly"]);
  const { best } = result.boards.all;
  assert.deepEqual([best.userId, best.score, best.timeMs], [game.player.id, 20, 10 * SECOND]);
  assert.equal(play.playMs, 10 * SECOND);
  assert.equal(world.requests.length, 3);
});

test("a score that is on its way arrives although the page is closed", async () => {
  const { game, play } = await played();
  play.submit(20);
  while (!world.asked("scores/").length) {
    await world.pass(10);
  }
  world.closePage();
  await world.pass(SECOND);
  assert.deepEqual(world.origin.boards.all.map(({ userId }) => userId), [game.player.id]);
});

test("an earlier entry that is better is kept", async () => {
  const { game, play } = await played();
  await world.until(play.submit(50));
  const second = await world.until(game.start());
  await world.pass(10 * SECOND);
  const result = await world.until(second.submit(20));
  assert.equal(result.status, "kept");
  assert.equal(result.boards.all.best.score, 50);
});

test("a score below the threshold is a result", async () => {
  world = new World({ thr: [100, 9_000, 1], order: [["score", "desc"], ["timeMs", "asc"], ["updatedAt", "asc"]] });
  const { play } = await played();
  const result = await world.until(play.submit(20));
  assert.equal(result.status, "not_qualified");
  assert.deepEqual([result.score, result.timeMs], [20, 10 * SECOND]);
  assert.deepEqual(result.needed, { score: 100, timeMs: 9_000, updatedAt: 1 });
  assert.deepEqual(result.order[0], ["score", "desc"]);
});

test("a score that does not enter the board is a result", async () => {
  for (const userId of ["a", "b", "c"]) {
    world.origin.boards.all = [...(world.origin.boards.all ?? []), { userId, score: 90 }];
  }
  const { play } = await played();
  const result = await world.until(play.submit(20));
  assert.equal(result.status, "not_qualified");
  assert.deepEqual([result.score, result.timeMs, result.best], [20, 10 * SECOND, null]);
});

test("pauses and a hidden tab are not played", async () => {
  const { play } = await played(4 * SECOND);
  play.pause();
  await world.pass(5 * SECOND);
  play.pause();
  assert.equal(play.playMs, 4 * SECOND);
  play.resume();
  play.resume();
  await world.pass(SECOND);
  world.show(false);
  await world.pass(20 * SECOND);
  assert.equal(play.playMs, 5 * SECOND);
  play.pause();
  world.show(true);
  await world.pass(SECOND);
  play.resume();
  await world.pass(3 * SECOND);
  assert.equal(await bestTimeMs(play), 8 * SECOND);
});

test("a page that is loaded in a hidden tab does not play either", async () => {
  world.document.hidden = true;
  const { play } = await played(30 * SECOND);
  assert.equal(play.playMs, 0);
  world.show(true);
  await world.pass(2 * SECOND);
  assert.equal(play.playMs, 2 * SECOND);
});

test("time after the finish is not play time", async () => {
  const { play } = await played(10 * SECOND);
  play.finish();
  await world.pass(30 * SECOND);
  play.resume();
  play.finish();
  await world.pass(30 * SECOND);
  assert.equal(play.playMs, 10 * SECOND);
  assert.equal(await bestTimeMs(play), 10 * SECOND);
  assert.equal(world.requests.length, 3);
});

test("no clock of the machine is trusted but the one that only goes on", async () => {
  world.setClientClock(-400 * 24 * 60 * MINUTE);
  const { play } = await played(10 * SECOND);
  world.setClientClock(3 * 24 * 60 * MINUTE);
  assert.equal(await bestTimeMs(play), 10 * SECOND);
});

test("a machine that slept may still submit", async () => {
  for (const clockRuns of [false, true]) {
    for (const sleptMs of [30 * SECOND, 5 * MINUTE]) {
      world = new World();
      const { play } = await played(10 * SECOND);
      world.sleep(sleptMs, { clockRuns });
      await world.pass(10 * SECOND);
      assert.equal((await world.until(play.submit(20))).status, "ranked");
    }
  }
});

test("pauses longer than the game allows count as play", async () => {
  const { play } = await played(10 * SECOND);
  world.show(false);
  await world.pass(5 * MINUTE);
  world.show(true);
  const timeMs = await bestTimeMs(play);
  assert.ok(timeMs >= 5 * MINUTE + 10 * SECOND && timeMs < 5 * MINUTE + 12 * SECOND, timeMs);
  assert.equal(play.playMs, timeMs);
});

test("a game without pauses is played to the millisecond the edge allows", async () => {
  for (const latencyMs of [0, 20, 400, 4_000]) {
    world = new World({ limits: { pauseMs: 0 } });
    world.latencyMs = latencyMs;
    const { play } = await played(10 * SECOND, { pauses: false });
    play.pause();
    world.show(false);
    await world.pass(2 * SECOND);
    assert.equal(play.playMs, 12 * SECOND);
    const timeMs = await bestTimeMs(play);
    assert.ok(timeMs >= 12 * SECOND && timeMs <= 12 * SECOND + 2 * latencyMs + 1, timeMs);
    assert.equal(world.asked("get-end").length, 1);
  }
});

test("a game without pauses that is solved in 1.50 s stands as 1.50 s up to 400 ms of latency", async () => {
  for (const latencyMs of [0, 20, 150, 400]) {
    world = new World({ limits: { pauseMs: 0 } });
    world.latencyMs = latencyMs;
    const { play } = await played(1_500, { pauses: false });
    assert.equal(await bestTimeMs(play), 1_500, latencyMs);
    assert.equal(world.asked("get-end").length, 1);
  }
});

test("the time of a game that does not wait for its ticket counts from the call", async () => {
  for (const latencyMs of [0, 20, 150, 400]) {
    world = new World({ limits: { pauseMs: 0 } });
    world.latencyMs = latencyMs;
    const game = await world.connect({ pauses: false });
    const began = world.mono;
    const play = await world.until(game.start({ running: true }));
    await world.pass(1_500 - (world.mono - began));
    assert.equal(await bestTimeMs(play), 1_500, latencyMs);
    assert.equal(world.asked("get-end").length, 1);
  }
});

test("a game without pauses needs no word of it", async () => {
  world = new World({ limits: { pauseMs: 0 } });
  const { play } = await played(10 * SECOND);
  assert.equal(await bestTimeMs(play), 10 * SECOND);
  assert.equal(world.asked("get-end").length, 1);
});

test("a network that is away when the play ends costs nothing if it is back in time", async () => {
  const { play } = await played(10 * SECOND);
  world.down = true;
  const submitting = play.submit(20);
  await world.pass(40 * SECOND);
  world.goOnline();
  assert.equal((await world.until(submitting)).boards.all.best.timeMs, 10 * SECOND);
});

test("a network that is away longer than pauses may be makes the play slower, not lost", async () => {
  const { play } = await played(10 * SECOND);
  world.down = true;
  play.finish();
  await world.pass(3 * MINUTE);
  world.goOnline();
  const timeMs = await bestTimeMs(play);
  assert.ok(timeMs >= 3 * MINUTE && timeMs < 3 * MINUTE + 12 * SECOND, timeMs);
});

test("a submission whose answer is lost is sent again and counted once", async () => {
  const { play } = await played();
  world.next("scores", "answer lost");
  world.next("scores", "answer lost");
  const attempts = [];
  const result = await world.until(play.submit(20, { onRetry: (attempt) => attempts.push(attempt) }));
  assert.equal(result.status, "ranked");
  assert.deepEqual(attempts, [1, 2]);
  const [first, ...again] = world.asked("scores");
  for (const request of again) {
    assert.deepEqual([request.path, request.headers, request.body], [first.path, first.headers, first.body]);
  }
  assert.equal(Object.keys(world.origin.plays).length, 1);
});

test("waits double, and no two are alike", async () => {
  const { play } = await played();
  play.finish();
  await world.pass(SECOND);
  world.down = true;
  const error = await world.failure(play.submit(20));
  assert.deepEqual([error.code, error.status, error.retryable], ["offline", 0, true]);
  const at = world.asked("scores").map((request) => request.at);
  const waits = at.slice(1).map((moment, place) => moment - at[place] - world.latencyMs / 2);
  waits.slice(0, 4).forEach((wait, place) => {
    assert.ok(wait >= 500 * 2 ** place && wait <= 1_000 * 2 ** place, String(waits));
  });
  assert.ok(Math.max(...waits) <= 16 * SECOND);
  assert.notEqual(waits[0] * 2, waits[1]);
  assert.ok(at.length < 20);
  assert.ok(at.at(-1) - at[0] <= 90 * SECOND);
});

test("waits grow from half a second to eight, and chance doubles them at most", async () => {
  const real = Math.random;
  try {
    for (const [dice, most] of [[0, 8 * SECOND], [1, 16 * SECOND]]) {
      world = new World();
      const { play } = await played();
      play.finish();
      await world.pass(SECOND);
      world.down = true;
      Math.random = () => dice;
      await world.failure(play.submit(20));
      const at = world.asked("scores").map((request) => request.at);
      const waits = at.slice(1, 6).map((moment, place) => moment - at[place] - world.latencyMs / 2);
      const grown = [1, 2, 4, 8, 16].map((times) => times * 500 * (1 + dice));
      assert.deepEqual(waits, grown.map((wait) => Math.min(wait, most)));
    }
  } finally {
    Math.random = real;
  }
});

test("what the server asks to wait is waited, whatever the network does", async () => {
  const { play } = await played();
  play.finish();
  await world.pass(SECOND);
  world.next("scores", refusal(503, "busy", { "Retry-After": "7" }));
  const submitting = play.submit(20);
  await world.pass(3 * SECOND);
  world.goOnline();
  assert.equal((await world.until(submitting)).status, "ranked");
  const [first, second] = world.asked("scores");
  assert.ok(second.at - first.at >= 7 * SECOND && second.at - first.at < 9 * SECOND);
});

test("a wait beyond the grace is not waited", async () => {
  const { play } = await played();
  world.next("scores", { status: 429, headers: { "Retry-After": "3600" }, body: { message: "Too Many Requests" } });
  const error = await world.failure(play.submit(20));
  assert.deepEqual([error.code, error.status, error.retryable], ["unavailable", 429, true]);
  assert.equal(error.retryAfterMs, 3600 * SECOND);
  assert.equal(world.asked("scores").length, 1);
});

test("the network's return ends a wait", async () => {
  const { play } = await played();
  play.finish();
  await world.pass(SECOND);
  world.down = true;
  const submitting = play.submit(20);
  await world.pass(20 * SECOND);
  const before = world.asked("scores").length;
  world.goOnline();
  await world.pass(world.latencyMs);
  assert.equal(world.asked("scores").length, before + 1);
  assert.equal((await world.until(submitting)).status, "ranked");
});

test("a request nobody answers is given up and sent again", async () => {
  const { play } = await played();
  world.next("scores", "hangs");
  assert.equal((await world.until(play.submit(20))).status, "ranked");
  const [first, second] = world.asked("scores");
  assert.ok(second.at - first.at > 10 * SECOND);
});

test("after the grace the play's end is attested again", async () => {
  const { play } = await played(10 * SECOND);
  play.finish();
  await world.pass(55 * SECOND);
  world.down = true;
  assert.equal((await world.failure(play.submit(20))).code, "offline");
  world.goOnline();
  const result = await world.until(play.submit(20));
  assert.equal(result.status, "ranked");
  assert.ok(play.playMs > 95 * SECOND && play.playMs < 2 * MINUTE);
});

test("a grace that ended unnoticed is over once the edge says so", async () => {
  const { play } = await played(10 * SECOND);
  play.finish();
  await world.pass(SECOND);
  world.sleep(3 * MINUTE);
  const error = await world.failure(play.submit(20));
  assert.deepEqual([error.code, error.status], ["grace_over", 410]);
  assert.equal((await world.until(play.submit(20))).status, "ranked");
});

test("a play that began too long ago is over", async () => {
  const { play } = await played(2 * 60 * MINUTE);
  const error = await world.failure(play.submit(20));
  assert.deepEqual([error.code, error.retryable], ["play_over", false]);
  assert.equal(world.requests.length, 1);
});

test("the same submission again gets the same answer", async () => {
  const { play } = await played();
  const first = await world.until(play.submit(20, { meta: { level: 1 } }));
  assert.deepEqual(await world.until(play.submit(20, { meta: { level: 1 } })), first);
  assert.equal(Object.keys(world.origin.plays).length, 1);
});

test("a play is not sent with other values", async () => {
  const { game, play } = await played();
  await world.until(play.submit(20));
  const before = world.requests.length;
  assert.equal((await world.failure(play.submit(21))).code, "play_already_submitted");
  assert.equal((await world.failure(play.submit(20, { meta: {} }))).code, "play_already_submitted");
  assert.equal(world.requests.length, before);
  game.rename("Somebody Else");
  assert.equal((await world.until(play.submit(20, { periods: ["monthly"] }))).status, "ranked");
});

test("a malformed name can be corrected", async () => {
  const { play } = await played();
  world.next("scores", refusal(400, "malformed"));
  const error = await world.failure(play.submit(20, { meta: { text: "far too long" } }));
  assert.deepEqual([error.code, error.status, error.message], ["malformed", 400, "field: malformed"]);
  assert.equal((await world.until(play.submit(20, { meta: { text: "short" } }))).status, "ranked");
});

test("the name is the one at the first submission", async () => {
  const { game, play } = await played();
  play.finish();
  game.rename("O'Neill, 花子");
  const { boards } = await world.until(play.submit(20));
  assert.equal(boards.all.best.userName, "O'Neill, 花子");
});

test("a play stays its player's when another is imported meanwhile", async () => {
  const { game, play } = await played();
  const { id } = game.player;
  const guest = await world.connect({ storage: null });
  await world.until(game.importPlayer(guest.exportPlayer()));
  const { boards } = await world.until(play.submit(20));
  assert.equal(boards.all.best.userId, id);
  const next = await world.until(game.start());
  await world.pass(10 * SECOND);
  assert.equal((await world.until(next.submit(30))).boards.all.best.userId, guest.player.id);
});

test("two tabs play at once", async () => {
  const one = await world.connect();
  const other = await world.connect();
  const plays = await world.until(Promise.all([one.start(), other.start()]));
  await world.pass(10 * SECOND);
  const results = await world.until(Promise.all(plays.map((play, place) => play.submit(20 + place))));
  assert.deepEqual(results.map(({ status }) => status), ["ranked", "ranked"]);
});

test("a play that ends before midnight may arrive after it", async () => {
  world.wall = Date.UTC(2026, 10, 21, 23, 59, 40);
  const { play } = await played(10 * SECOND);
  play.finish();
  await world.pass(SECOND);
  await world.pass(40 * SECOND);
  assert.equal((await world.until(play.submit(20))).status, "ranked");
});

test("a start is tried again shortly, then given up", async () => {
  const game = await world.connect();
  world.next("get-start", "unreachable");
  await world.until(game.start());
  world.down = true;
  const before = world.mono;
  const error = await world.failure(game.start());
  assert.deepEqual([error.code, error.retryable], ["offline", true]);
  assert.ok(world.mono - before < 6 * SECOND);
});

test("an abort ends at once and sends no more requests", async () => {
  const game = await world.connect();
  for (const [part, act] of [
    ["get-start", (play, signal) => game.start({ signal })],
    ["ranking", (play, signal) => game.ranking("all", { signal })],
    ["get-end", (play, signal) => play.submit(20, { signal })],
    ["scores", (play, signal) => play.submit(20, { signal })],
  ]) {
    const play = await world.until(game.start());
    await world.pass(5 * SECOND);
    world.next(part, "hangs");
    const controller = new AbortController();
    const acting = act(play, controller.signal);
    await world.pass(2 * SECOND);
    controller.abort();
    const before = world.mono;
    const error = await world.failure(acting);
    assert.deepEqual([error.code, error.retryable], ["aborted", true], part);
    assert.equal(world.mono, before, part);
    const asked = world.requests.length;
    await world.pass(9 * SECOND);
    assert.equal(world.requests.length, asked, part);
  }
});

test("a browser that cannot join signals may still abort", async () => {
  const { any } = AbortSignal;
  AbortSignal.any = undefined;
  try {
    const { play } = await played();
    world.next("scores", "answer lost");
    const { signal } = new AbortController();
    assert.equal((await world.until(play.submit(20, { signal }))).status, "ranked");
  } finally {
    AbortSignal.any = any;
  }
});

test("an aborted wait can be repeated", async () => {
  const { play } = await played();
  world.down = true;
  const controller = new AbortController();
  const submitting = play.submit(20, { signal: controller.signal });
  await world.pass(3 * SECOND);
  controller.abort();
  assert.equal((await world.failure(submitting)).code, "aborted");
  const asked = world.requests.length;
  await world.pass(MINUTE);
  assert.equal(world.requests.length, asked);
  world.goOnline();
  assert.equal((await world.until(play.submit(20))).status, "ranked");
});

test("an abort before the start sends no request", async () => {
  const game = await world.connect();
  assert.equal((await world.failure(game.start({ signal: AbortSignal.abort() }))).code, "aborted");
  assert.equal((await world.failure(game.ranking("all", { signal: AbortSignal.abort() }))).code, "aborted");
  await world.pass(SECOND);
  assert.ok(world.requests.every(({ headers }) => !headers["x-token-start"]));
});

test("refusals of the edge have its codes", async () => {
  const { play } = await played(500);
  assert.equal((await world.failure(play.submit(3))).code, "out_of_limits");

  const { play: fast } = await played(10 * SECOND);
  const tooFast = await world.failure(fast.submit(900));
  assert.deepEqual([tooFast.code, tooFast.status, tooFast.retryable], ["out_of_limits", 422, false]);

  const { play: cookieless } = await played(10 * SECOND);
  world.cookie = "";
  assert.equal((await world.failure(cookieless.submit(3))).code, "bad_session");

  const stranger = await world.connect({ game: "chess" });
  const unknown = await world.failure(stranger.start());
  assert.deepEqual([unknown.code, unknown.status], ["unknown_game", 404]);
});

test("answers of others are no answers", async () => {
  const game = await world.connect();
  const page = { status: 200, headers: { "Content-Type": "text/html" }, body: "<!doctype html>" };
  for (const answer of [
    page,
    { ...page, status: 404 },
    { ...page, status: 403 },
    { status: 200, body: {} },
    { status: 200, body: "null" },
    { status: 200, body: "7" },
    { status: 200, body: { token_start: "a.b", sid: "s", exp: 1, token_end: "a.b", results: null } },
    { status: 400, body: { error: null } },
  ]) {
    const attempts = { "get-start": () => game.start(), ranking: () => game.ranking() };
    const play = await world.until(game.start());
    await world.pass(10 * SECOND);
    world.next("get-end", answer);
    attempts["get-end"] = () => play.submit(20);
    for (const [part, attempt] of Object.entries(attempts)) {
      world.next(part, answer);
      const error = await world.failure(attempt());
      const code = typeof answer.body === "string" && answer.body.includes("<") ? "error_page" : "bad_answer";
      assert.deepEqual([error.code, error.status, error.retryable], [code, answer.status, false], part);
    }
  }
});

test("a distribution's error page in place of a refusal is distinguished from other answers", async () => {
  const { play } = await played();
  // As CloudFront does for single-page apps: the API's 403 becomes the site's page, with 200.
  world.next("scores", { status: 200, headers: { "Content-Type": "text/html" }, body: "\n <!doctype html>" });
  const error = await world.failure(play.submit(20));
  assert.deepEqual([error.code, error.status, error.retryable], ["error_page", 200, false]);
  assert.equal(error.message, "error page instead of JSON");
});

test("a page that comes with a passing failure is that failure", async () => {
  const game = await world.connect();
  for (let tries = 0; tries < 20; tries += 1) {
    world.next("ranking", { status: 503, headers: { "Content-Type": "text/html" }, body: "<html>" });
  }
  const error = await world.failure(game.ranking());
  assert.deepEqual([error.code, error.retryable], ["unavailable", true]);
});

test("failures that pass are tried again whoever they are of", async () => {
  const { play } = await played();
  for (const status of [500, 502, 504]) {
    world.next("scores", { status, body: "<html>" });
  }
  world.next("scores", { status: 429, body: { message: "Too Many Requests" } });
  world.next("scores", refusal(503, "unavailable"));
  assert.equal((await world.until(play.submit(20))).status, "ranked");
});

test("a score is a whole number", async () => {
  const { play } = await played();
  for (const score of [1.5, NaN, Infinity, 2 ** 53, "20", null, undefined]) {
    assert.equal((await world.failure(play.submit(score))).code, "bad_score");
  }
  assert.equal(world.requests.length, 1);
});

test("a ranking is as the CDN has it", async () => {
  const game = await world.connect();
  assert.deepEqual((await world.until(game.ranking())).items, []);
  await world.until(game.ranking("monthly", { limit: 10 }));
  assert.deepEqual(world.requests.map(({ path }) => path), ["/api/ranking/snake/all?limit=100", "/api/ranking/snake/monthly?limit=10"]);
});

test("the api may have another path, and fetch may be replaced", async () => {
  const asked = [];
  const fetch = (url, init) => {
    asked.push(url);
    return globalThis.fetch(url.replace("/games/api", "/api"), init);
  };
  const { play } = await played(5 * SECOND, { api: "/games/api", fetch });
  await world.until(play.submit(3));
  assert.deepEqual(asked.map((url) => url.split(/[?/]/)[3]), ["get-start", "get-end", "scores"]);
});

test("the key leaves for the submission alone, and nothing is logged", async () => {
  const logged = [];
  const methods = ["log", "info", "warn", "error", "debug"];
  const real = methods.map((method) => console[method]);
  methods.forEach((method) => {
    console[method] = (...words) => logged.push(words);
  });
  try {
    const { game, play } = await played();
    const { key } = JSON.parse(world.storage.getItem("htmlgame.player"));
    world.next("scores", "answer lost");
    await world.until(play.submit(20));
    const error = await world.failure(play.submit(21));
    const keyless = world.requests.filter((request) => !JSON.stringify(request).includes(key));
    assert.deepEqual(keyless.map(({ path }) => path.split(/[?/]/)[2]), ["get-start", "get-end"]);
    for (const told of [error, game, play, game.player]) {
      assert.ok(!JSON.stringify(told).includes(key) && !String(told.stack).includes(key));
    }
  } finally {
    methods.forEach((method, place) => {
      console[method] = real[place];
    });
  }
  assert.deepEqual(logged, []);
});
