// Players as the SDK makes them, against the deployed system. HTMLGAME_SITE is where its edge is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const SITE = process.env.HTMLGAME_SITE;
const { connect, HtmlgameError } = await import(pathToFileURL(process.env.HTMLGAME_SDK));

// The SDK's own pauses are short here. A play takes its time, because the edge measures it.
const realTimeout = setTimeout;
globalThis.setTimeout = (run, ms, ...values) => realTimeout(run, ms / 20, ...values);

/** What a browser is to the edge: it sends the site's name, and keeps the session's cookie. */
class Browser {
  cookie = "";
  storage = new Storage();
  requests = [];
  tamper = (headers) => headers;
  losesAnswers = 0;

  connect(options) {
    const fetch = (path, init) => this.fetch(path, init);
    return connect({ game: "snake", storage: this.storage, fetch, ...options });
  }

  async fetch(path, { method = "GET", headers = {}, ...init } = {}) {
    this.requests.push({ method, path });
    const origin = method === "PUT" ? { Origin: SITE } : {};
    const sent = this.tamper({ Cookie: this.cookie, ...origin, ...headers }, method);
    const response = await fetch(SITE + path, { method, headers: sent, ...init });
    const [cookie] = response.headers.getSetCookie();
    this.cookie = cookie ? cookie.split(";")[0] : this.cookie;
    if (method === "PUT" && this.losesAnswers > 0) {
      this.losesAnswers -= 1;
      await response.text();
      throw new TypeError("Failed to fetch");
    }
    return response;
  }
}

class Storage {
  #items = {};
  getItem = (key) => this.#items[key] ?? null;
  setItem = (key, value) => {
    this.#items[key] = value;
  };
}

/** Each game accepts a play of this length. */
const PLAY_MS = 1_550;

async function played(game) {
  const play = await game.start();
  await whilePlayed();
  return play;
}

function whilePlayed() {
  return new Promise((resolve) => realTimeout(resolve, PLAY_MS));
}

let limit = 60;

/** Each asks for another number of entries, which no cache has yet. */
async function entriesOf(game, period = "all") {
  limit += 1;
  const { items } = await game.ranking(period, { limit });
  return items.filter(({ userId }) => userId === game.player.id);
}

test("a play is ranked on every board it names", async () => {
  const browser = new Browser();
  const game = await browser.connect({ name: "花子" });
  const play = await played(game);
  const result = await play.submit(15, { periods: ["all", "monthly"], meta: { level: 2 } });
  assert.equal(result.status, "ranked");
  assert.equal(result.rankChanged, true);
  assert.equal(Object.keys(result.boards).length, 2);
  const { best, rank, top } = result.boards.all;
  assert.deepEqual([best.userId, best.userName, best.score], [game.player.id, "花子", 15]);
  assert.equal(best.timeMs, play.playMs);
  assert.ok(best.timeMs >= 1_500 && best.timeMs < 3_500, best.timeMs);
  assert.ok(rank > 10 || top[rank - 1].userId === game.player.id);
  assert.equal(browser.requests.length, 3);
  const [entry] = await entriesOf(game, "monthly");
  assert.deepEqual([entry.score, entry.userName], [15, "花子"]);
});

test("an earlier entry that is better is kept", async () => {
  const game = await new Browser().connect();
  assert.equal((await (await played(game)).submit(12)).status, "ranked");
  const result = await (await played(game)).submit(11);
  assert.equal(result.status, "kept");
  assert.equal(result.boards.all.best.score, 12);
});

test("a play that no board can take is not qualified", async () => {
  const game = await new Browser().connect({ game: "minesweeper", pauses: false });
  const result = await (await played(game)).submit(1, { periods: ["weekly"] });
  assert.equal(result.status, "not_qualified");
  assert.equal(result.needed.timeMs, 1_000);
  assert.deepEqual(result.order[0], ["timeMs", "asc"]);
  assert.ok(result.timeMs >= 1_500);
});

test("a game without pauses is played without a word of it", async () => {
  const game = await new Browser().connect({ game: "minesweeper" });
  assert.equal((await (await played(game)).submit(1)).status, "ranked");
});

test("a submission whose answer is lost is counted once", async () => {
  const browser = new Browser();
  const game = await browser.connect();
  const play = await played(game);
  browser.losesAnswers = 2;
  const attempts = [];
  const result = await play.submit(14, { onRetry: (attempt) => attempts.push(attempt) });
  assert.equal(result.status, "ranked");
  assert.deepEqual(attempts, [1, 2]);
  assert.equal(browser.requests.filter(({ method }) => method === "PUT").length, 3);
  assert.equal((await entriesOf(game)).length, 1);
  assert.deepEqual((await play.submit(14)).boards.all.best, result.boards.all.best);
});

const FORGERIES = {
  "X-Score": ["17", "bad_signature"],
  "X-Player": ["Bob", "bad_signature"],
  "X-User-Key": ["k".repeat(32), "bad_user_key"],
  "X-Token-End": ["bm9uc2Vuc2U.x", "bad_token"],
  Origin: ["https://evil.example", "bad_origin"],
};

test("what is forged on the way is refused", async () => {
  for (const [header, [value, code]] of Object.entries(FORGERIES)) {
    const browser = new Browser();
    const play = await played(await browser.connect());
    browser.tamper = (headers) => (header in headers ? { ...headers, [header]: value } : headers);
    await assert.rejects(play.submit(15), (error) => {
      assert.ok(error instanceof HtmlgameError);
      assert.deepEqual([error.code, error.retryable], [code, false]);
      return true;
    });
  }
});

test("a score beyond the game's limits is refused", async () => {
  const play = await played(await new Browser().connect());
  await assert.rejects(play.submit(9_000), { code: "out_of_limits", status: 422 });
});

test("a name or meta that the origin refuses can be mended", async () => {
  const play = await played(await new Browser().connect());
  await assert.rejects(play.submit(15, { meta: { text: "x".repeat(2_000) } }), { code: "malformed" });
  assert.equal((await play.submit(15, { meta: { text: "x" } })).status, "ranked");
});

test("two tabs play at once", async () => {
  const browser = new Browser();
  const tabs = [await browser.connect(), await browser.connect()];
  const plays = await Promise.all(tabs.map((game) => game.start()));
  await whilePlayed();
  const results = await Promise.all(plays.map((play) => play.submit(10)));
  assert.ok(results.some(({ status }) => status === "ranked"));
});

test("a player is the same on another device", async () => {
  const here = await new Browser().connect({ name: "Ann" });
  await (await played(here)).submit(16);
  const there = await new Browser().connect();
  await there.importPlayer(here.exportPlayer());
  const result = await (await played(there)).submit(13);
  assert.equal(result.status, "kept");
  assert.deepEqual([result.boards.all.best.score, result.boards.all.best.userName], [16, "Ann"]);
});

test("unknown games and periods have their codes", async () => {
  const browser = new Browser();
  await assert.rejects((await browser.connect({ game: "nogame" })).start(), { code: "unknown_game" });
  const game = await browser.connect();
  await assert.rejects(game.ranking("yearly"), { code: "unknown_period", status: 404 });
  const play = await played(game);
  await assert.rejects(play.submit(15, { periods: ["yearly"] }), { code: "malformed" });
  assert.equal((await play.submit(15)).status, "ranked");
});

test("without its cookie a play cannot end", async () => {
  const browser = new Browser();
  const play = await played(await browser.connect());
  browser.cookie = "";
  await assert.rejects(play.submit(15), { code: "bad_session", status: 401 });
});
