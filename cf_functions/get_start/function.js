import { refusalFrom, refuse, success } from '../lib/answers.js';
import { base36 } from '../lib/base36.js';
import { unguessable } from '../lib/crypto.js';
import { longestPlay, readGame } from '../lib/games.js';
import { GAME_ID, SESSION_ID, USER_ID } from '../lib/ids.js';
import { readKey } from '../lib/keys.js';
import { API } from '../lib/paths.js';
import { cookieValues, malformed, optional, required, requireMethod } from '../lib/requests.js';
import { sign, startPayload } from '../lib/tokens.js';

async function startPlay(event) {
  const request = event.request;
  requireMethod(request, 'GET');
  const gameId = required(request.querystring, 'game', GAME_ID);
  const userId = required(request.querystring, 'user', USER_ID);
  requireFetch(request.headers);
  const sessions = cookieValues(request.cookies, 'game_sid');
  const session = sessions.find(each => SESSION_ID.test(each));

  const game = await readGame(gameId);
  if (game.identity !== 'open' && userId.length !== 22) {
    malformed('user', 'must be made from a user key');
  }

  const key = await readKey('k_current');
  const sid = session || unguessable(key.secret, event.context.requestId);
  const now = Date.now();
  const play = { gameId: gameId, userId: userId, sid: sid, start: base36(now) };
  const started = success({
    token_start: sign(startPayload(key.kid, play), key),
    sid: sid,
    exp: now + longestPlay(game.limits)
  });
  // One of several cookies belongs to a play under way, and which one cannot be known.
  if (!session || sessions.length === 1) {
    started.cookies = {
      game_sid: { value: sid, attributes: 'Path=' + API + '; Secure; HttpOnly; SameSite=Strict' }
    };
  }
  return started;
}

// A link, a frame or an image would come without the cookie, and replace it by a new one.
function requireFetch(headers) {
  const mode = optional(headers, 'sec-fetch-mode');
  const dest = optional(headers, 'sec-fetch-dest');
  if ((mode && mode !== 'cors' && mode !== 'same-origin') || (dest && dest !== 'empty')) {
    refuse(403, 'bad_origin', 'sec-fetch-mode: a page starts a play with fetch()');
  }
}

export async function handler(event) {
  try {
    return await startPlay(event);
  } catch (problem) {
    return refusalFrom(problem);
  }
}
