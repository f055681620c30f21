// A field of cells numbered row by row. The snake is a list of cells, head first.

export const COLUMNS = 17;
export const ROWS = 17;
export const POINTS = 5;

const CELLS = COLUMNS * ROWS;
const SLOWEST_MS = 150;
const FASTEST_MS = 90;
const QUICKER_MS = 1.5;
// At the fastest step, this keeps every play below the config's perSecond.
const NEAREST_FRUIT = 5;
const MOST_TURNS_AHEAD = 2;
const STEPS = { up: [0, -1], right: [1, 0], down: [0, 1], left: [-1, 0] };
const OPPOSITE = { up: 'down', right: 'left', down: 'up', left: 'right' };

export function newGame(random) {
  const middle = cell(COLUMNS >> 1, ROWS >> 1);
  const body = [middle, middle - 1, middle - 2];
  const game = { random, body, vacated: middle - 3, heading: 'right', turns: [], eaten: 0, over: null };
  return { ...game, fruit: nextFruit(game) };
}

export const score = (game) => game.eaten * POINTS;

export const stepMs = (game) => Math.max(FASTEST_MS, SLOWEST_MS - game.eaten * QUICKER_MS);

/** Turns are queued, so two quick ones both count; a reversal is ignored. */
export function turn(game, heading) {
  const last = game.turns.at(-1) ?? game.heading;
  const useless = heading === last || heading === OPPOSITE[last];
  if (useless || game.over || game.turns.length === MOST_TURNS_AHEAD) return game;
  return { ...game, turns: [...game.turns, heading] };
}

export function step(game) {
  if (game.over) return game;
  const [heading = game.heading, ...turns] = game.turns;
  const head = ahead(game.body[0], heading);
  const eats = head === game.fruit;
  const kept = eats ? game.body : game.body.slice(0, -1);
  const moved = { ...game, heading, turns };
  if (head === null) return { ...moved, over: 'wall' };
  if (kept.includes(head)) return { ...moved, over: 'self' };
  const next = { ...moved, body: [head, ...kept], vacated: game.body.at(-1) };
  return eats ? fed({ ...next, eaten: game.eaten + 1 }) : next;
}

function fed(game) {
  const fruit = nextFruit(game);
  return fruit === null ? { ...game, fruit, over: 'full' } : { ...game, fruit };
}

function nextFruit({ random, body }) {
  const taken = new Set(body);
  const free = Array.from({ length: CELLS }, (_, at) => at).filter((at) => !taken.has(at));
  if (!free.length) return null;
  const far = free.filter((at) => distance(at, body[0]) >= NEAREST_FRUIT);
  const among = far.length ? far : [free.sort((a, b) => distance(b, body[0]) - distance(a, body[0]))[0]];
  return among[Math.floor(random() * among.length)];
}

export const cell = (x, y) => y * COLUMNS + x;
export const place = (at) => [at % COLUMNS, Math.floor(at / COLUMNS)];

/** The cell in that direction, or null beyond the wall. */
export function ahead(at, heading) {
  const [x, y] = place(at);
  const [right, down] = STEPS[heading];
  const inside = x + right >= 0 && x + right < COLUMNS && y + down >= 0 && y + down < ROWS;
  return inside ? cell(x + right, y + down) : null;
}

export function distance(a, b) {
  const [ax, ay] = place(a);
  const [bx, by] = place(b);
  return Math.abs(ax - bx) + Math.abs(ay - by);
}
