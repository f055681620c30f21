import { refuse } from './answers.js';
import { read } from './store.js';

// Tolerance for clocks of two edge locations and for the time of a request.
export const SKEW_MS = 2000;

// The edge also counts the way back of the start's answer and the way of the end's request: an
// honest clock shows so much less, at 400 ms each.
export const SLACK_MS = 800;

export async function readEntry(key, unknown) {
  const text = await read(key);
  if (!text) {
    refuse(404, 'unknown_' + unknown, unknown + ': unknown');
  }
  const entry = JSON.parse(text);
  if (entry.v !== 1) {
    throw Error(key + ' is corrupt');
  }
  return entry;
}

export async function readGame(gameId) {
  return await readEntry('cfgthr#g:' + gameId, 'game');
}

// A comparison with undefined is false, which would pass as "within the limit".
export function number(value) {
  if (typeof value !== 'number') {
    throw Error('an entry lacks a number');
  }
  return value;
}

// The longest time after its start at which a play may end.
export function longestPlay(limits) {
  return number(limits.playMs[1]) + number(limits.pauseMs) + SKEW_MS;
}
