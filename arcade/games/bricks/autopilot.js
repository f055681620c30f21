import { PADDLE } from './rules.js';

/** Where to hold the paddle: under the ball, off its middle by a different bit each time. */
export function aimOf(game) {
  return { to: game.ball.x + Math.sin(game.score + game.level) * PADDLE.width * 0.35 };
}
