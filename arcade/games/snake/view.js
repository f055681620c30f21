// Draws a snake's field, one unit a cell.

import { disc } from '../../ui/stage.js';
import { COLUMNS, place, ROWS } from './rules.js';

export const SIZE = { width: COLUMNS, height: ROWS };
export const COLOURS = ['snake', 'snake-dark', 'fruit', 'leaf', 'grid', 'card'];

const THICK = 0.74;

/** `progress`: how far the snake is into the cells it entered last, 0 to 1. */
export function paint(context, colours, { game, progress, pulse = 0, dead = false }) {
  grid(context, colours);
  if (game.fruit !== null) fruit(context, colours, game.fruit, pulse);
  const spine = spineOf(game, progress);
  context.globalAlpha = dead ? 0.55 : 1;
  line(context, spine, THICK, colours['snake-dark']);
  line(context, spine, THICK - 0.16, colours.snake);
  scales(context, spine, colours['snake-dark']);
  head(context, spine, game.heading, colours, dead);
  context.globalAlpha = 1;
}

function spineOf({ body, vacated }, progress) {
  const centres = body.map(centre);
  const first = between(centres[1], centres[0], progress);
  const last = between(centre(vacated), centres.at(-1), progress);
  return [first, ...centres.slice(1), last];
}

function centre(at) {
  const [x, y] = place(at);
  return [x + 0.5, y + 0.5];
}

const between = ([ax, ay], [bx, by], part) => [ax + (bx - ax) * part, ay + (by - ay) * part];

function grid(context, colours) {
  context.fillStyle = colours.grid;
  for (let y = 0; y < ROWS; y += 1) {
    for (let x = y % 2; x < COLUMNS; x += 2) context.fillRect(x, y, 1, 1);
  }
}

function line(context, points, width, style) {
  Object.assign(context, { lineWidth: width, strokeStyle: style, lineCap: 'round', lineJoin: 'round' });
  context.beginPath();
  points.forEach(([x, y]) => context.lineTo(x, y));
  context.stroke();
}

function scales(context, points, style) {
  context.fillStyle = style;
  points.slice(2, -1).forEach(([x, y]) => disc(context, x, y, 0.09));
}

const FACING = { up: -Math.PI / 2, right: 0, down: Math.PI / 2, left: Math.PI };

function head(context, [[x, y]], heading, colours, dead) {
  context.save();
  context.translate(x, y);
  context.rotate(FACING[heading]);
  for (const side of [-0.2, 0.2]) {
    context.fillStyle = colours.card;
    disc(context, 0.12, side, 0.15);
    context.fillStyle = colours['snake-dark'];
    if (dead) context.fillRect(0.02, side - 0.03, 0.2, 0.06);
    else disc(context, 0.17, side, 0.08);
  }
  context.restore();
}

function fruit(context, colours, at, pulse) {
  const [x, y] = centre(at);
  context.fillStyle = colours.fruit;
  disc(context, x, y + 0.05, 0.34 + Math.sin(pulse / 220) * 0.025);
  context.fillStyle = colours.leaf;
  context.beginPath();
  context.ellipse(x + 0.13, y - 0.34, 0.17, 0.08, -0.6, 0, Math.PI * 2);
  context.fill();
  context.fillStyle = colours.card;
  disc(context, x - 0.12, y - 0.06, 0.07);
}
