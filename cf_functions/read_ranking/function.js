import { refusalFrom, refuse } from '../lib/answers.js';
import { GAME_ID } from '../lib/ids.js';
import { laneOf } from '../lib/lanes.js';
import { API } from '../lib/paths.js';
import { kindOf } from '../lib/periods.js';
import { optional } from '../lib/requests.js';
import { store } from '../lib/store.js';

const LIMIT = /^([1-9]\d?|100)$/;
const FROM = /^(1|[1-9]\d{0,5}01)$/;
// What pages ask for. Their answers are few, so a cache that has them all is soon full.
const USUAL_LIMITS = ['', '3', '5', '10', '20', '50', '100'];

async function readRanking(request, address) {
  const board = boardOf(request.uri);
  const limit = optional(request.querystring, 'limit', LIMIT, 'a whole number from 1 to 100');
  const from = optional(request.querystring, 'from', FROM, '1, or a rank that ends in 01 such as 101');
  await requireBoard(board);
  if (board.period !== board.kind || from > '1' || !USUAL_LIMITS.includes(limit)) {
    const ranking = API + '/ranking';
    request.uri = ranking + '-' + laneOf(address, Date.now()) + request.uri.slice(ranking.length);
  }
  return request;
}

function boardOf(uri) {
  const ranking = API + '/ranking/';
  const parts = uri.slice(ranking.length).split('/');
  if (!uri.startsWith(ranking) || parts.length !== 2 || !GAME_ID.test(parts[0])) {
    refuse(404, 'unknown_game', 'gameId: unknown');
  }
  const kind = kindOf(parts[1]);
  if (!kind) {
    unknownPeriod();
  }
  return { gameId: parts[0], period: parts[1], kind: kind };
}

// Otherwise made-up names would each miss the cache and reach the origin.
async function requireBoard(board) {
  const game = 'cfgthr#g:' + board.gameId;
  const offered = await store.exists(game + '#p:' + board.kind);
  if (offered) {
    return;
  }
  const known = await store.exists(game);
  if (known) {
    unknownPeriod();
  }
  refuse(404, 'unknown_game', 'gameId: unknown');
}

function unknownPeriod() {
  refuse(404, 'unknown_period', 'period: not one of this game; it has some of daily, weekly, monthly and all');
}

export async function handler(event) {
  try {
    return await readRanking(event.request, event.viewer.ip);
  } catch (problem) {
    return refusalFrom(problem);
  }
}
