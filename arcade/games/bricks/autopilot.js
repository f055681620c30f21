import { PADDLE } from './rules.js';

/** The paddle's position: under the ball, with a varying offset. */
export function aimOf(game) {
  return { to: game.ball.x + Math.sin(game.score + game.level) * PADDLE.width * 0.35 };
}
