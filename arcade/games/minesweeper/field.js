// A field of squares numbered row by row.

export const COLUMNS = 9;
export const ROWS = 12;
export const MINES = 18;
export const SQUARES = COLUMNS * ROWS;
export const ALL = Array.from({ length: SQUARES }, (_, at) => at);

const NEIGHBOURS = ALL.map((at) => {
  const [x, y] = place(at);
  return ALL.filter((other) => {
    const [otherX, otherY] = place(other);
    return other !== at && Math.abs(otherX - x) <= 1 && Math.abs(otherY - y) <= 1;
  });
});

export function place(at) {
  return [at % COLUMNS, Math.floor(at / COLUMNS)];
}

export const neighbours = (at) => NEIGHBOURS[at];

/** The number of mines around a square. */
export function count(mines, at) {
  return neighbours(at).filter((next) => mines.has(next)).length;
}
