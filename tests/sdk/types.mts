// A game that uses all there is, for the compiler alone.
import { connect, HtmlgameError, type Board, type Entry, type Ranking, type Result } from "../../sdk/htmlgame.js";
import { backFromX, connectPlayers, goToX, PlayersError, type Answer, type Profile } from "../../sdk/players.js";
import { connectTelemetry } from "../../sdk/telemetry.js";

const game = await connect({
  game: "snake",
  api: "/api",
  name: "Ann",
  storage: null,
  fetch: window.fetch,
  pauses: true,
});
const telemetry = connectTelemetry({
  projectId: "a-project",
  api: "/api",
  playerKey: crypto.randomUUID(),
  sample: 0.5,
  flushMs: 5_000,
  queueLimit: 100,
  storage: localStorage,
  fetch: window.fetch,
});
const { signal } = new AbortController();

game.rename("Bob");
await game.importPlayer(game.exportPlayer());
const remembered: boolean = game.remembered;
const who: { id: string; name: string } = game.player;

const play = await game.start({ signal });
play.pause();
play.resume();
play.finish();
const ms: number = play.playMs;

const result: Result = await play.submit(20, {
  periods: ["all", "monthly"],
  meta: { level: 3 },
  signal,
  onRetry: (attempt) => telemetry.track("retry", { attempt: attempt.toFixed() }),
});
console.log(game.id, remembered, who.name, ms, told(result));

const ranking: Ranking = await game.ranking("monthly", { limit: 10, signal });
for (const { rank, userName, score, timeMs, updatedAt } of ranking.items) {
  console.log(rank, userName, score, timeMs, updatedAt, ranking.topN, ranking.updatedAt);
}

telemetry.score(20, { mode: "normal" });
await telemetry.flush();
telemetry.end();
console.log(telemetry.sampled, telemetry.pending, telemetry.dropped);

// @ts-expect-error a score is a number
await play.submit("20");
// @ts-expect-error a player is renamed by rename
game.player.name = "Ann";
// @ts-expect-error a ranked play needed nothing
console.log(result.status === "ranked" && result.needed);
// @ts-expect-error events have names
telemetry.track({ stage: 3 });
// @ts-expect-error a game has an id
await connect({});

function told(result: Result): string {
  switch (result.status) {
    case "ranked":
      return `${result.rankChanged}: ${Object.values(result.boards).map(placed).join()}`;
    case "kept":
      return placed(result.boards["all"]);
    case "not_qualified":
      return `${result.score} in ${result.timeMs}, needed ${result.needed?.score} ${result.order?.[0]?.[1]} ${result.best}`;
  }
}

function placed(board: Board | undefined): string {
  const best: Entry | null | undefined = board?.best;
  return `${board?.accepted} ${board?.rank} ${best?.score} of ${board?.top.length}`;
}

function excuse(error: unknown): string {
  if (error instanceof HtmlgameError) {
    return `${error.code} ${error.status} ${error.message}, again ${error.retryable} in ${error.retryAfterMs}`;
  }
  return "";
}

game.start().catch((error: unknown) => console.log(excuse(error)));

const players = connectPlayers({ api: "/api", storage: null, fetch: window.fetch });
const back = backFromX();
if (back) {
  await players.signIn(back.proof);
}
await players.signIn({ provider: "privy", token: "t", identityToken: "i" });
// @ts-expect-error a code needs its verifier
await players.signIn({ provider: "x", code: "c" });
const me: Profile = await players.me();
const wallet: string | null = me.walletAddress;
const chat = await players.chat("miko", { username: "Ann" });
const said: Answer = await chat.say("hello", { locale: "ja" });
// @ts-expect-error not a language of the characters
await chat.say("hello", { locale: "fr" });
for await (const { balance } of players.points()) balance.toFixed();
for await (const { content } of chat.messages()) content.trim();
try {
  await players.claim("snake", "2026-11");
} catch (error) {
  if (error instanceof PlayersError && error.retryable) setTimeout(() => {}, error.retryAfterMs);
}
await goToX({ clientId: "c", redirect: "https://example.org", authorize: "https://x.com" });
await players.unlink("x");
await players.signOut({ everywhere: true });
const { removed } = await players.remove();
removed.messages.toFixed();
