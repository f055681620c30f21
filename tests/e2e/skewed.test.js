// A player whose machine's clock is wrong, from before the SDK is loaded.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const { HTMLGAME_SITE: SITE, HTMLGAME_SDK, HTMLGAME_GAME, HTMLGAME_AHEAD_MS } = process.env;

const realNow = Date.now;
Date.now = () => realNow() + Number(HTMLGAME_AHEAD_MS);

const { connect } = await import(pathToFileURL(HTMLGAME_SDK));

test("a whole play", async () => {
  let cookie = "";
  const game = await connect({
    game: HTMLGAME_GAME,
    storage: null,
    fetch: async (path, { method = "GET", headers = {}, ...init } = {}) => {
      const origin = method === "PUT" ? { Origin: SITE } : {};
      const response = await fetch(SITE + path, {
        method,
        headers: { Cookie: cookie, ...origin, ...headers },
        ...init,
      });
      cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? cookie;
      return response;
    },
  });
  const play = await game.start();
  await new Promise((resolve) => setTimeout(resolve, 1_550));
  const result = await play.submit(1, { periods: ["all"] });
  assert.equal(result.status, "ranked");
});
