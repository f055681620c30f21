// Draws a wall, a ball and a paddle. Rows differ in pattern as well as in colour.

import { disc } from '../../ui/stage.js';
import { BALL, brickAt, HEIGHT, PADDLE, WIDTH } from './rules.js';

export const SIZE = { width: WIDTH, height: HEIGHT };
export const COLOURS = ['brick-1', 'brick-2', 'brick-3', 'ink', 'card', 'grid', 'fruit'];

const SPARKS = 7;
const SPARK_MS = 450;

export function paint(context, colours, { game, sparks = [] }) {
  backdrop(context, colours);
  game.bricks.forEach((row, y) => row.forEach((hits, x) => hits && brick(context, colours, y, x, hits)));
  sparks.forEach((spark) => drawSpark(context, colours, spark));
  context.fillStyle = colours.ink;
  context.beginPath();
  context.roundRect(game.paddle - PADDLE.width / 2, PADDLE.y, PADDLE.width, PADDLE.height, 5);
  context.fill();
  context.fillStyle = colours.fruit;
  disc(context, game.ball.x, game.ball.y, BALL);
  context.fillStyle = colours.card;
  disc(context, game.ball.x - 2, game.ball.y - 2, 1.6);
}

export function sparksOf({ row, column }) {
  const { x, y, width, height } = brickAt(row, column);
  return Array.from({ length: SPARKS }, (_, index) => ({
    row,
    age: 0,
    x: x + ((index + 0.5) * width) / SPARKS,
    y: y + height / 2,
    dx: (index - (SPARKS - 1) / 2) * 14,
    dy: -40 - (index % 3) * 25,
  }));
}

export const aged = (sparks, ms) =>
  sparks.map((spark) => ({ ...spark, age: spark.age + ms })).filter(({ age }) => age < SPARK_MS);

function backdrop(context, colours) {
  context.fillStyle = colours.grid;
  for (let y = 20; y < HEIGHT; y += 40) {
    for (let x = 20; x < WIDTH; x += 40) context.fillRect(x - 1, y - 1, 2, 2);
  }
}

const kindOf = (row) => Math.floor(row / 2) + 1;

function brick(context, colours, row, column, hits) {
  const { x, y, width, height } = brickAt(row, column);
  const kind = kindOf(row);
  context.fillStyle = colours[`brick-${kind}`];
  context.fillRect(x, y, width, height);
  context.fillStyle = colours.card;
  context.globalAlpha = 0.5;
  if (kind === 1) for (let at = 6; at < width; at += 10) context.fillRect(x + at, y, 2, height);
  if (kind === 2) for (let at = 7; at < width; at += 9.5) disc(context, x + at, y + height / 2, 2);
  context.globalAlpha = 1;
  if (hits === 2) {
    Object.assign(context, { strokeStyle: colours.ink, lineWidth: 2.5 });
    context.strokeRect(x + 1.5, y + 1.5, width - 3, height - 3);
  }
}

function drawSpark(context, colours, { row, age, x, y, dx, dy }) {
  const seconds = age / 1000;
  context.globalAlpha = 1 - age / SPARK_MS;
  context.fillStyle = colours[`brick-${kindOf(row)}`];
  context.fillRect(x + dx * seconds, y + dy * seconds + 300 * seconds ** 2, 4, 4);
  context.globalAlpha = 1;
}
