// Mines are laid at the first reveal, never beside it. A field that cannot be solved by reasoning is
// laid again, so players never have to guess.

import { ALL, count, MINES, neighbours, SQUARES } from './field.js';
import { opensByReasoning } from './reasoning.js';

const MOST_TRIES = 400;

export function newGame(random) {
  return { random, mines: null, open: new Set(), flags: new Set(), over: null, struck: null };
}

export function reveal(game, at) {
  if (game.over || game.flags.has(at) || game.open.has(at)) return game;
  const laid = game.mines ? game : { ...game, mines: layMines(game.random, at) };
  if (laid.mines.has(at)) return { ...laid, over: 'lost', struck: at };
  return settled({ ...laid, open: opened(laid, at) });
}

export function flag(game, at) {
  if (game.over || game.open.has(at)) return game;
  const flags = new Set(game.flags);
  if (!flags.delete(at)) flags.add(at);
  return { ...game, flags };
}

/** Opens the unflagged squares around a number that has as many flags as mines, even if wrong. */
export function chord(game, at) {
  if (game.over || !game.open.has(at)) return game;
  const around = neighbours(at);
  if (around.filter((next) => game.flags.has(next)).length !== count(game.mines, at)) return game;
  return around.reduce((now, next) => reveal(now, next), game);
}

export const minesLeft = (game) => (game.over === 'won' ? 0 : MINES - game.flags.size);

function settled(game) {
  return game.open.size === SQUARES - MINES ? { ...game, over: 'won' } : game;
}

function opened({ mines, open, flags }, first) {
  const seen = new Set(open).add(first);
  const waiting = [first];
  while (waiting.length) {
    const at = waiting.pop();
    if (count(mines, at)) continue;
    for (const next of neighbours(at)) {
      if (!seen.has(next) && !flags.has(next)) {
        seen.add(next);
        waiting.push(next);
      }
    }
  }
  return seen;
}

function layMines(random, first) {
  const clear = new Set([first, ...neighbours(first)]);
  const squares = ALL.filter((at) => !clear.has(at));
  let mines;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    mines = new Set(drawn(random, squares, MINES));
    if (opensByReasoning(mines, first)) break;
  }
  return mines;
}

function drawn(random, from, many) {
  const left = [...from];
  return Array.from({ length: many }, () => left.splice(Math.floor(random() * left.length), 1)[0]);
}
