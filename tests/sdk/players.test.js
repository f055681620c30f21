import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { pathToFileURL } from "node:url";

const sdk = (process.env.HTMLGAME_SDK || new URL("../../sdk/*.js", import.meta.url).pathname).replace("*", "players");
const { connectPlayers, PlayersError } = await import(pathToFileURL(sdk));

const UUID_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const SHARED = { id: "shared", key: "hgp_shared" };

let requests;
let answers;
let storage;

class Storage {
  kept = new Map();
  getItem(name) {
    return this.kept.get(name) ?? null;
  }
  setItem(name, value) {
    this.kept.set(name, String(value));
  }
  removeItem(name) {
    this.kept.delete(name);
  }
  read(name) {
    return JSON.parse(this.getItem(name));
  }
}

beforeEach(() => {
  requests = [];
  answers = {};
  storage = new Storage();
});

function connect(options) {
  return connectPlayers({ storage, fetch: serve, ...options });
}

async function serve(url, { method, headers, body }) {
  const key = `${method} ${url.split("?")[0]}`;
  requests.push({ key, url, headers, body: body && JSON.parse(body) });
  const answer = answers[key];
  const { http: status = 200, retryAfter, ...said } = await (typeof answer === "function" ? answer() : (answer ?? signedIn()));
  return new Response(JSON.stringify(said), { status, headers: retryAfter ? { "Retry-After": retryAfter } : {} });
}

function signedIn(more) {
  const expiresAt = Math.floor(Date.now() / 1000) + 900;
  return { userId: "u", created: true, token: "t1", expiresAt, player: SHARED, ...more };
}

function refused(status, code, more) {
  return { http: status, error: { code, message: code }, ...more };
}

test("the first sign-in makes this browser's player, and keeps its row on the boards", async () => {
  const players = connect();
  assert.equal(players.userId, undefined);
  assert.deepEqual(await players.signIn(), { userId: "u", created: true });
  const { key } = storage.read("htmlgame.player");
  assert.equal(requests[0].body.playerKey, key);
  assert.match(key, /^[\w-]{16,128}$/);
  assert.equal(connect().userId, "u");
});

test("a known player of the boards signs in with the key that is stored", async () => {
  storage.setItem("htmlgame.player", JSON.stringify({ key: "k".repeat(32), name: "Ann" }));
  await connect().signIn();
  assert.equal(requests[0].body.playerKey, "k".repeat(32));
  assert.deepEqual(storage.read("htmlgame.player"), { key: "k".repeat(32), name: "Ann" });
});

test("with a lasting identity the shared row replaces this browser's, until sign-out", async () => {
  storage.setItem("htmlgame.player", JSON.stringify({ key: "k".repeat(32), name: "Ann" }));
  const players = connect();
  await players.signIn({ provider: "x", code: "c", codeVerifier: "v" });
  assert.deepEqual(storage.read("htmlgame.player"), { key: SHARED.key, name: "Ann" });
  await players.link({ provider: "key" });
  assert.equal(requests[1].body.playerKey, "k".repeat(32));
  await players.signOut();
  assert.deepEqual(storage.read("htmlgame.player"), { key: "k".repeat(32), name: "Ann" });
  assert.equal(players.userId, undefined);
});

test("a token is renewed a minute before its end, by the server's clock, once for all", async () => {
  const players = connect();
  await players.signIn();
  const held = storage.read("htmlgame.players");
  storage.setItem("htmlgame.players", JSON.stringify({ ...held, expiresAt: held.expiresAt - 850 }));
  const later = connect();
  answers["POST /api/players/renew"] = () => ({ token: "t2", expiresAt: held.expiresAt });
  answers["GET /api/players/me"] = { userId: "u" };
  await Promise.all([later.me(), later.me()]);
  const renewals = requests.filter(({ key }) => key === "POST /api/players/renew");
  assert.equal(renewals.length, 1);
  assert.equal(renewals[0].headers.Authorization, "Bearer t1");
  assert.equal(requests.at(-1).headers.Authorization, "Bearer t2");
});

test("a device whose clock is an hour slow neither renews too often nor makes old ids", async () => {
  const players = connect();
  answers["POST /api/players/sign-in"] = () => signedIn({ expiresAt: Math.floor(Date.now() / 1000) + 3600 + 900 });
  await players.signIn();
  answers["POST /api/chat/session"] = { sessionId: "s" };
  answers["POST /api/chat"] = { reply: "hello" };
  await (await players.chat("miko")).say("hi");
  const { body } = requests.at(-1);
  assert.match(body.id, UUID_7);
  const made = parseInt(body.id.slice(0, 8) + body.id.slice(9, 13), 16);
  assert.ok(Math.abs(made - Date.now() - 3_600_000) < 5_000);
  assert.ok(!requests.some(({ key }) => key.endsWith("renew")));
});

test("a revoked token signs out, and the error has the server's code", async () => {
  const players = connect();
  await players.signIn();
  answers["GET /api/players/me"] = refused(401, "token_revoked");
  const error = await players.me().catch((each) => each);
  assert.ok(error instanceof PlayersError);
  assert.deepEqual([error.code, error.status, error.retryable], ["token_revoked", 401, false]);
  assert.equal(players.userId, undefined);
});

test("a request that was under way during a merge goes on with the new token", async () => {
  const players = connect();
  await players.signIn();
  let times = 0;
  answers["POST /api/players/me/merge"] = signedIn({ token: "t2" });
  answers["GET /api/players/me"] = async () => {
    times += 1;
    if (times > 1) return { displayName: "Ann" };
    await players.merge({ provider: "x", code: "c", codeVerifier: "v" });
    return refused(401, "token_revoked");
  };
  assert.equal((await players.me()).displayName, "Ann");
  assert.equal(requests.at(-1).headers.Authorization, "Bearer t2");
  assert.equal(players.userId, "u");
});

test("a message is sent again with the same id while another device waits", async () => {
  const players = connect();
  await players.signIn();
  let times = 0;
  answers["POST /api/chat"] = () => {
    times += 1;
    return times < 2 ? refused(409, "in_progress", { retryAfter: "0.01" }) : { reply: "hello" };
  };
  assert.deepEqual(await players.resume("s").say("hi"), { reply: "hello" });
  const [first, second] = requests.filter(({ key }) => key === "POST /api/chat");
  assert.deepEqual(first.body, second.body);
});

test("what the budget refuses for hours is not waited for", async () => {
  const players = connect();
  await players.signIn();
  answers["POST /api/chat"] = refused(503, "asleep", { retryAfter: "40000" });
  const error = await players.resume("s").say("hi").catch((each) => each);
  assert.deepEqual([error.code, error.retryAfterMs], ["asleep", 40_000_000]);
  assert.equal(requests.filter(({ key }) => key === "POST /api/chat").length, 1);
});

test("without a network the error is retryable and nobody is signed out", async () => {
  const players = connect();
  await players.signIn();
  const away = connect({ fetch: () => Promise.reject(new TypeError("failed")) });
  const error = await away.me().catch((each) => each);
  assert.deepEqual([error.code, error.status, error.retryable], ["offline", 0, true]);
  assert.equal(away.userId, "u");
});

test("an error page of the network in between is unavailable, and may be tried again", async () => {
  const players = connect({ fetch: async () => new Response("<html>", { status: 502 }) });
  const error = await players.ranking().catch((each) => each);
  assert.deepEqual([error.code, error.status, error.retryable], ["unavailable", 502, true]);
});

test("points and exports are read page by page to their end", async () => {
  const players = connect();
  await players.signIn();
  const pages = [
    { events: [{ version: 3 }, { version: 2 }], cursor: "next" },
    { events: [{ version: 1 }], cursor: null },
  ];
  answers["GET /api/players/me/points"] = () => pages.shift();
  const versions = [];
  for await (const { version } of players.points()) versions.push(version);
  assert.deepEqual(versions, [3, 2, 1]);
  assert.equal(requests.at(-1).url, "/api/players/me/points?cursor=next");
});

test("keys that are shown go along in bodies, never in an address", async () => {
  const pages = [{ items: [1], cursor: "abc" }, { items: [2], cursor: null }];
  answers["POST /api/players/me/export"] = () => pages.shift();
  answers["DELETE /api/players/me"] = { jobId: "j", status: "done", removed: {} };
  const playerKeys = [{ projectId: "p", playerKey: "secret" }];
  const players = connect();
  await players.signIn();
  assert.deepEqual(await Array.fromAsync(players.export({ playerKeys })), [1, 2]);
  await players.remove({ playerKeys });
  const sent = requests.slice(-3).map(({ body }) => body);
  assert.deepEqual(sent, [{ playerKeys, cursor: null }, { playerKeys, cursor: "abc" }, { playerKeys }]);
  assert.ok(!requests.some(({ url }) => url.includes("secret")));
});

test("a deleted account leaves nothing in this browser", async () => {
  const players = connect();
  await players.signIn({ provider: "x", code: "c", codeVerifier: "v" });
  answers["DELETE /api/players/me"] = { jobId: "j", status: "done", removed: {} };
  await players.remove();
  assert.deepEqual([...storage.kept.keys()], []);
});

test("without storage a page works as long as it is open", async () => {
  const players = connect({ storage: null });
  await players.signIn();
  assert.equal(players.userId, "u");
  await players.signOut();
  assert.equal(players.userId, undefined);
});

/** A tab that leaves for X's page and comes back to `search`. */
async function tab(search) {
  const visited = [];
  globalThis.sessionStorage = new Storage();
  globalThis.location = { assign: (url) => visited.push(new URL(url)), search: "", pathname: "/play" };
  globalThis.history = { replaceState: () => (location.search = "") };
  const { backFromX, goToX } = await import(pathToFileURL(sdk));
  await goToX({ clientId: "c", redirect: "https://a.example/play", authorize: "https://x.example/authorize", then: "link" });
  const asked = visited[0].searchParams;
  location.search = search(asked.get("state"));
  return { asked, back: backFromX() };
}

test("the way to X has a state and a challenge, and the way back the verifier of this challenge", async () => {
  const { asked, back } = await tab((state) => `?state=${state}&code=abc`);
  assert.equal(asked.get("code_challenge_method"), "S256");
  const { proof, then } = back;
  assert.deepEqual([proof.provider, proof.code, then], ["x", "abc", "link"]);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(proof.codeVerifier));
  assert.equal(asked.get("code_challenge"), Buffer.from(digest).toString("base64url"));
});

test("a code with another state is dropped, and so is one that comes a second time", async () => {
  assert.equal((await tab(() => "?state=guessed&code=abc")).back, undefined);
  const { back } = await tab((state) => `?state=${state}&code=abc`);
  assert.ok(back);
  location.search = "?state=again&code=abc";
  const { backFromX } = await import(pathToFileURL(sdk));
  assert.equal(backFromX(), undefined);
});
