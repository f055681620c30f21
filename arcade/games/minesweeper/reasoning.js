// What a player can deduce from numbers, from overlapping numbers and from the mines left.

import { ALL, count, MINES, neighbours, SQUARES } from './field.js';

/** Whether the field can be solved from its first square without a guess. */
export function opensByReasoning(mines, first) {
  const known = { open: new Set(), mines: new Set() };
  open(known, mines, first);
  while (known.open.size < SQUARES - MINES) {
    const found = deductions(known, (at) => count(mines, at));
    if (!found.safe.size && !found.mines.size) return false;
    found.mines.forEach((at) => known.mines.add(at));
    found.safe.forEach((at) => open(known, mines, at));
  }
  return true;
}

function open(known, mines, first) {
  const waiting = [first];
  while (waiting.length) {
    const at = waiting.pop();
    if (known.open.has(at)) continue;
    known.open.add(at);
    if (!count(mines, at)) waiting.push(...neighbours(at));
  }
}

/** The squares that must be safe and those that must be mines, by the open numbers. */
export function deductions(known, number) {
  const facts = factsOf(known, number);
  const safe = new Set();
  const mines = new Set();
  const conclude = (squares, many) => {
    if (many === 0) squares.forEach((at) => safe.add(at));
    else if (many === squares.length) squares.forEach((at) => mines.add(at));
  };
  facts.forEach(({ squares, many }) => conclude(squares, many));
  if (!safe.size && !mines.size) {
    pairs(facts, (inner, outer) => conclude(without(outer, inner), outer.many - inner.many));
  }
  return { safe, mines };
}

function factsOf(known, number) {
  const hidden = (at) => !known.open.has(at) && !known.mines.has(at);
  const facts = [];
  for (const at of known.open) {
    const squares = neighbours(at).filter(hidden);
    const flagged = neighbours(at).filter((next) => known.mines.has(next)).length;
    if (squares.length) facts.push({ squares, many: number(at) - flagged });
  }
  const everywhere = ALL.filter(hidden);
  facts.push({ squares: everywhere, many: MINES - known.mines.size });
  return facts;
}

function pairs(facts, each) {
  for (const inner of facts) {
    for (const outer of facts) {
      const within = inner.squares.length < outer.squares.length;
      if (within && inner.squares.every((at) => outer.squares.includes(at))) each(inner, outer);
    }
  }
}

const without = (outer, inner) => outer.squares.filter((at) => !inner.squares.includes(at));
