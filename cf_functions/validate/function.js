import { refusalFrom, refuse } from '../lib/answers.js';
import { hash, mac, sameMac } from '../lib/crypto.js';
import { number, readEntry } from '../lib/games.js';
import { GAME_ID, USER_ID } from '../lib/ids.js';
import { laneOf } from '../lib/lanes.js';
import { API } from '../lib/paths.js';
import { malformed, optional, required, requireMethod } from '../lib/requests.js';
import { store } from '../lib/store.js';
import { authenticate, claimsOf, join, startPayload } from '../lib/tokens.js';

const DAY_MS = 86400000;
const SCORE = /^(0|-?[1-9]\d{0,15})$/;
const PLAYER = /^[\w.!~*'()%-]{1,400}$/;
const USER_KEY = /^[\w-]{16,128}$/;
const SITE = /^https?:\/\/([^/?#]+)/;
const BOARDS = [
  ['all', /^all$/],
  ['monthly', /^(monthly|\d{4}-(0[1-9]|1[0-2]))$/],
  ['weekly', /^(weekly|\d{4}-W(0[1-9]|[1-4]\d|5[0-3]))$/],
  ['daily', /^(daily|\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))$/]
];
const NOT_FOR_THE_ORIGIN = [
  'x-token-start', 'x-token-end', 'x-sig', 'x-user-key', 'x-origin-verify'
];

// Cheapest checks first: without reads or MACs, then the play's tokens, then the game's rules.
async function submitPlay(request, address) {
  requireMethod(request, 'PUT');
  const target = targetOf(request.uri);
  const sent = submissionIn(request.headers);
  requireSameSite(request.headers);
  const play = claimsOf(sent.tokenEnd, 'x-token-end', '1e');
  requireThisPlay(play, target, sent.tokenStart);
  await authenticate(play);

  const entries = await readBoards(target);
  requireFair(sent, play, target.userId, entries[0]);
  requireChance({ score: sent.score, timeMs: play.playMs, updatedAt: play.end }, entries);

  const banned = await store.exists('ban#' + target.userId);
  if (banned) {
    refuse(403, 'banned', 'userId: banned');
  }
  return forwarded(request, play, address);
}

async function readBoards(target) {
  const entries = [];
  for (let i = 0; i < target.boards.length; i++) {
    const key = 'cfgthr#g:' + target.gameId + '#p:' + target.boards[i];
    const entry = await readEntry(key, 'period');
    entries.push(entry);
  }
  return entries;
}

function targetOf(uri) {
  const scores = API + '/scores/';
  const parts = uri.slice(scores.length).split('/');
  if (!uri.startsWith(scores) || parts.length !== 3 || !GAME_ID.test(parts[0])) {
    malformed('gameId');
  }
  if (!USER_ID.test(parts[2])) {
    malformed('userId');
  }
  return { gameId: parts[0], boards: boardsOf(parts[1].split(',')), userId: parts[2] };
}

// A play ends in one period of each kind, so two of a kind are a mistake.
function boardsOf(periods) {
  const boards = [];
  periods.forEach(period => {
    const kind = BOARDS.find(board => board[1].test(period));
    if (!kind || boards.includes(kind[0])) {
      malformed('period');
    }
    boards.push(kind[0]);
  });
  return boards;
}

function submissionIn(headers) {
  const sent = {
    tokenStart: required(headers, 'x-token-start'),
    tokenEnd: required(headers, 'x-token-end'),
    signature: required(headers, 'x-sig'),
    userKey: optional(headers, 'x-user-key', USER_KEY),
    score: Number(required(headers, 'x-score', SCORE)),
    player: required(headers, 'x-player', PLAYER)
  };
  if (!Number.isSafeInteger(sent.score)) {
    malformed('x-score', 'too large');
  }
  requireUtf8(sent.player);
  return sent;
}

function requireUtf8(player) {
  try {
    decodeURIComponent(player);
  } catch (failure) {
    malformed('x-player', 'not UTF-8');
  }
}

function requireSameSite(headers) {
  const site = SITE.exec(optional(headers, 'origin') || optional(headers, 'referer'));
  if (!site || site[1] !== headers.host.value) {
    refuse(403, 'bad_origin', 'origin: not this site');
  }
}

// The end token names its start token, so one MAC verifies both.
function requireThisPlay(play, target, tokenStart) {
  if (play.gameId !== target.gameId || play.userId !== target.userId) {
    refuse(401, 'bad_token', 'x-token-end: of another game or player');
  }
  if (tokenStart !== join(startPayload(play.startKid, play), play.startMac)) {
    refuse(401, 'bad_token', 'x-token-start: of another play');
  }
}

// Limits belong to the game, so any of its boards has them.
function requireFair(sent, play, userId, entry) {
  // The clock of the edge location that ended the play may be ahead of this one's.
  const now = Math.max(Date.now(), play.end);
  const grace = number(entry.limits.graceMs);
  if (now > play.end + grace) {
    refuse(410, 'grace_over', 'x-token-end: submitted too late');
  }
  requireSignature(sent, play.sid, now, grace);
  if (entry.identity !== 'open') {
    requireKeyOf(userId, sent.userKey);
  }
  requireWithinLimits(sent.score, playedAtMost(play), entry.limits);
}

// An empty key has a userId, too, which would belong to everybody.
function requireKeyOf(userId, userKey) {
  if (!userKey || hash(userKey).slice(0, 22) !== userId) {
    refuse(403, 'bad_user_key', 'x-user-key: not of this userId');
  }
}

function signatureOn(time, sent, sid) {
  const day = new Date(time).toISOString().slice(0, 10);
  return mac(sent.tokenEnd, sent.player + '|' + sent.score + '|' + day + '|' + sid);
}

function requireSignature(sent, sid, now, grace) {
  if (sameMac(sent.signature, signatureOn(now, sent, sid))) {
    return;
  }
  const signedYesterday = now % DAY_MS <= grace;
  if (!signedYesterday || !sameMac(sent.signature, signatureOn(now - DAY_MS, sent, sid))) {
    refuse(401, 'bad_signature', 'x-sig: does not match');
  }
}

// A claimed time may exceed the elapsed one by a tolerance, in which nobody made points.
function playedAtMost(play) {
  return Math.min(play.playMs, play.end - parseInt(play.start, 36));
}

function requireWithinLimits(score, timeMs, limits) {
  if (score < number(limits.score[0]) || score > number(limits.score[1])) {
    refuse(422, 'out_of_limits', 'x-score: out of limits');
  }
  if (limits.perSecond != null && score * 1000 > number(limits.perSecond) * timeMs) {
    refuse(422, 'out_of_limits', 'x-score: too fast for the time played');
  }
}

function requireChance(play, entries) {
  if (!entries.some(entry => couldEnter(play, entry))) {
    refuse(422, 'below_threshold', 'x-score: not better than the last place', {
      thr: entries[0].thr, order: entries[0].order
    });
  }
}

// Outside its window, a threshold belongs to another period.
function couldEnter(play, entry) {
  if (!entry.thr || play.updatedAt < number(entry.from)) {
    return true;
  }
  if (number(entry.until) && play.updatedAt >= entry.until) {
    return true;
  }
  for (let i = 0; i < entry.order.length; i++) {
    const lead = number(play[entry.order[i][0]]) - number(entry.thr[i]);
    if (lead !== 0) {
      return lead > 0 === (entry.order[i][1] === 'desc');
    }
  }
  // The last entry itself, sent again, gets its answer again.
  return true;
}

// CloudFront has chosen the origin already, so the lane changes only the API's route.
function forwarded(request, play, address) {
  const headers = request.headers;
  for (let i = 0; i < NOT_FOR_THE_ORIGIN.length; i++) {
    delete headers[NOT_FOR_THE_ORIGIN[i]];
  }
  headers['x-play-id'] = { value: play.sid + '.' + play.start + '@' + play.end };
  headers['x-play-ms'] = { value: String(play.playMs) };
  request.cookies = {};
  const scores = API + '/scores';
  request.uri = scores + '-' + laneOf(address, Date.now()) + request.uri.slice(scores.length);
  return request;
}

export async function handler(event) {
  try {
    return await submitPlay(event.request, event.viewer.ip);
  } catch (problem) {
    return refusalFrom(problem);
  }
}
