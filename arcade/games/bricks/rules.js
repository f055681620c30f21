// Lengths are in units of a field 360 wide and 480 high, speeds in units per second. A step is always
// 1/120 s, so a play runs the same on every screen.

export const WIDTH = 360;
export const HEIGHT = 480;
export const STEP_MS = 1000 / 120;
export const LIVES = 3;
export const BALL = 6;
export const COLUMNS = 8;
export const BRICK = { width: 42, height: 18, gap: 3, left: 1.5, top: 56 };
export const PADDLE = { width: 66, height: 10, y: 446 };

const SECONDS = STEP_MS / 1000;
const SLOWEST = 290;
const QUICKER_A_LEVEL = 20;
const QUICKER_A_HIT = 4;
const FASTEST = 560;
const PADDLE_SPEED = { keys: 460, pointer: 1400 };
const STEEPEST = Math.PI / 3;
const LAUNCH_SPREAD = Math.PI / 5;
const FLATTEST = 0.2;
const POINTS = [30, 30, 20, 20, 10, 10];
// A row of bricks each; 2 takes two hits.
const LEVELS = [
  ['11111111', '11111111', '11111111', '11111111', '11111111', '11111111'],
  ['20000002', '12000021', '11200211', '11122111', '01111110', '00111100'],
  ['12121212', '00000000', '21212121', '00000000', '12121212', '11111111'],
  ['00122100', '01211210', '12100121', '12100121', '01211210', '00122100'],
  ['22222222', '10101010', '01010101', '10101010', '01010101', '22222222'],
];

export function newGame(random) {
  const game = { random, level: 0, score: 0, lives: LIVES, over: null, paddle: WIDTH / 2, events: [] };
  return served({ ...game, bricks: bricksOf(0) });
}

export function launch(game) {
  if (game.ball.dy || game.over) return;
  aim(game, (game.random() - 0.5) * LAUNCH_SPREAD, startSpeed(game));
}

/** `to` is the paddle's target under a pointer; `push` its direction by keys: -1, 0 or 1. */
export function step(game, { to = null, push = 0 } = {}) {
  game.events = [];
  if (game.over) return;
  movePaddle(game, to, push);
  if (!game.ball.dy) {
    game.ball.x = game.paddle;
    return;
  }
  game.ball.x += game.ball.dx * SECONDS;
  game.ball.y += game.ball.dy * SECONDS;
  bounceOffWalls(game.ball);
  bounceOffPaddle(game);
  hitBrick(game);
  if (game.ball.y > HEIGHT + BALL) loseBall(game);
}

export function brickAt(row, column) {
  const { width, height, gap, left, top } = BRICK;
  return { x: left + column * (width + gap), y: top + row * (height + gap), width, height };
}

function bricksOf(level) {
  return LEVELS[level % LEVELS.length].map((row) => [...row].map(Number));
}

function served(game) {
  game.ball = { x: game.paddle, y: PADDLE.y - BALL, dx: 0, dy: 0 };
  return game;
}

function startSpeed(game) {
  return Math.min(FASTEST, SLOWEST + game.level * QUICKER_A_LEVEL);
}

function aim(game, angle, speed) {
  game.ball.dx = Math.sin(angle) * speed;
  game.ball.dy = -Math.cos(angle) * speed;
}

function movePaddle(game, to, push) {
  const most = (push ? PADDLE_SPEED.keys : PADDLE_SPEED.pointer) * SECONDS;
  const wish = push ? push * most : (to ?? game.paddle) - game.paddle;
  const half = PADDLE.width / 2;
  game.paddle = clamp(game.paddle + clamp(wish, -most, most), half, WIDTH - half);
}

function bounceOffWalls(ball) {
  if (ball.x < BALL) [ball.x, ball.dx] = [BALL, Math.abs(ball.dx)];
  if (ball.x > WIDTH - BALL) [ball.x, ball.dx] = [WIDTH - BALL, -Math.abs(ball.dx)];
  if (ball.y < BALL) [ball.y, ball.dy] = [BALL, Math.abs(ball.dy)];
}

function bounceOffPaddle(game) {
  const { ball } = game;
  const offset = (ball.x - game.paddle) / (PADDLE.width / 2 + BALL);
  const above = ball.y - ball.dy * SECONDS <= PADDLE.y - BALL + 1;
  if (ball.dy < 0 || ball.y < PADDLE.y - BALL || !above || Math.abs(offset) > 1) return;
  ball.y = PADDLE.y - BALL;
  aim(game, offset * STEEPEST, Math.min(FASTEST, Math.hypot(ball.dx, ball.dy) + QUICKER_A_HIT));
  game.events.push({ kind: 'paddle' });
}

/** At most one brick per step; the ball bounces off the side that it entered least deeply. */
function hitBrick(game) {
  const { ball } = game;
  for (let row = 0; row < game.bricks.length; row += 1) {
    for (let column = 0; column < COLUMNS; column += 1) {
      if (!game.bricks[row][column]) continue;
      const brick = brickAt(row, column);
      const deepX = BALL + brick.width / 2 - Math.abs(ball.x - brick.x - brick.width / 2);
      const deepY = BALL + brick.height / 2 - Math.abs(ball.y - brick.y - brick.height / 2);
      if (deepX > 0 && deepY > 0) return strike(game, row, column, brick, deepX < deepY);
    }
  }
}

function strike(game, row, column, brick, sideways) {
  const { ball } = game;
  if (sideways) ball.dx = Math.abs(ball.dx) * Math.sign(ball.x - brick.x - brick.width / 2);
  else ball.dy = Math.abs(ball.dy) * Math.sign(ball.y - brick.y - brick.height / 2);
  steepen(ball);
  game.bricks[row][column] -= 1;
  const gone = !game.bricks[row][column];
  if (gone) game.score += POINTS[row];
  game.events.push({ kind: gone ? 'broken' : 'cracked', row, column });
  if (game.bricks.every((each) => !each.some(Boolean))) nextLevel(game);
}

/** Keeps the ball from moving almost horizontally, which would take forever. */
function steepen(ball) {
  const speed = Math.hypot(ball.dx, ball.dy);
  if (Math.abs(ball.dy) >= FLATTEST * speed) return;
  ball.dy = FLATTEST * speed * (Math.sign(ball.dy) || 1);
  ball.dx = Math.sign(ball.dx) * Math.sqrt(speed ** 2 - ball.dy ** 2);
}

function nextLevel(game) {
  game.level += 1;
  game.bricks = bricksOf(game.level);
  game.events.push({ kind: 'level' });
  served(game);
}

function loseBall(game) {
  game.lives -= 1;
  game.events.push({ kind: 'lost' });
  if (game.lives) served(game);
  else game.over = 'lost';
}

const clamp = (value, least, most) => Math.min(most, Math.max(least, value));
