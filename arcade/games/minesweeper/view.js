// A small picture of a minefield for the front page, one unit per square.

import { disc } from '../../ui/stage.js';
import { ALL, COLUMNS, count, place } from './field.js';

export const SIZE = { width: COLUMNS, height: COLUMNS };
export const COLOURS = ['closed', 'card', 'line', 'ink', 'stamp'];

export function paint(context, colours, { game }) {
  context.fillStyle = colours.line;
  context.fillRect(0, 0, COLUMNS, COLUMNS);
  Object.assign(context, { font: '800 .62px ui-monospace, monospace', textAlign: 'center', textBaseline: 'middle' });
  ALL.forEach((at) => square(context, colours, game, at));
}

function square(context, colours, { open, flags, mines }, at) {
  const [x, y] = place(at);
  context.fillStyle = open.has(at) ? colours.card : colours.closed;
  context.fillRect(x + 0.04, y + 0.04, 0.92, 0.92);
  if (flags.has(at)) {
    context.fillStyle = colours.stamp;
    context.beginPath();
    context.moveTo(x + 0.32, y + 0.2);
    context.lineTo(x + 0.76, y + 0.4);
    context.lineTo(x + 0.32, y + 0.6);
    context.fill();
    context.fillRect(x + 0.28, y + 0.2, 0.08, 0.62);
  }
  const around = open.has(at) && count(mines, at);
  if (!around) return;
  context.fillStyle = colours.ink;
  if (around === 1) disc(context, x + 0.5, y + 0.5, 0.09);
  else context.fillText(around, x + 0.5, y + 0.54);
}
