import { refusalFrom, refuse, success } from '../lib/answers.js';
import { longestPlay, number, readGame, SKEW_MS, SLACK_MS } from '../lib/games.js';
import { cookieValues, required, requireMethod } from '../lib/requests.js';
import { authenticate, claimsOf, sign } from '../lib/tokens.js';

const DURATION = /^(0|[1-9]\d{0,9})$/;

async function endPlay(request) {
  requireMethod(request, 'GET');
  const playMs = Number(required(request.headers, 'x-play-ms', DURATION));
  const token = required(request.headers, 'x-token-start');
  const sessions = cookieValues(request.cookies, 'game_sid');

  const start = claimsOf(token, 'x-token-start', '1s');
  if (!sessions.includes(start.sid)) {
    refuse(401, 'bad_session', 'game_sid: not the session of this play');
  }
  const key = await authenticate(start);

  const game = await readGame(start.gameId);
  const now = Date.now();
  requirePlausible(playMs, now - parseInt(start.start, 36), game.limits);
  return success({
    token_end: sign(endPayload(key.kid, start, now, playMs), key),
    exp: now + number(game.limits.graceMs)
  });
}

// Contains everything to write its start token again, which saves validate one MAC.
function endPayload(kid, start, end, playMs) {
  return [
    '1e', kid, start.gameId, start.userId, start.sid, start.start, end, playMs, start.kid, start.mac
  ].join('.');
}

function requirePlausible(playMs, elapsed, limits) {
  if (elapsed < 0) {
    refuse(401, 'clock_backwards', 'x-token-start: not started yet');
  }
  if (elapsed > longestPlay(limits)) {
    refuse(401, 'token_expired', 'x-token-start: expired');
  }
  if (playMs < number(limits.playMs[0]) || playMs > limits.playMs[1]) {
    refuse(422, 'out_of_limits', 'x-play-ms: out of limits');
  }
  // Without the tolerance of the next check: with it, a short play could take no time at all.
  if (elapsed < limits.playMs[0]) {
    refuse(422, 'play_time_mismatch', 'x-token-start: this game takes longer');
  }
  if (playMs > elapsed + SKEW_MS || playMs < elapsed - limits.pauseMs - SLACK_MS) {
    refuse(422, 'play_time_mismatch', 'x-play-ms: does not fit the time elapsed');
  }
}

export async function handler(event) {
  try {
    return await endPlay(event.request);
  } catch (problem) {
    return refusalFrom(problem);
  }
}
