// Checks a run of a snake on the server: could these moves have eaten that much, in that time?
//
// It is a second look beside the limits of a game's config. It replays the moves on the board.

const STEPS = { U: [0, -1], D: [0, 1], L: [-1, 0], R: [1, 0] };
const OPPOSITE = { U: 'D', D: 'U', L: 'R', R: 'L' };

function refused(reason) {
  return { ok: false, reason };
}

function handler({ moves, apples, score, playMs }, context) {
  const { width = 20, height = 20, tickMs = 80 } = context ?? {};
  if (moves.length * tickMs > playMs + tickMs) return refused('more moves than the time allows');
  const snake = [[width >> 1, height >> 1]];
  let eaten = 0;
  let last = '';
  for (const move of moves) {
    if (!STEPS[move]) return refused('unknown move');
    if (snake.length > 1 && move === OPPOSITE[last]) return refused('turned on the spot');
    last = move;
    const [dx, dy] = STEPS[move];
    const head = [snake[0][0] + dx, snake[0][1] + dy];
    const out = head[0] < 0 || head[1] < 0 || head[0] >= width || head[1] >= height;
    if (out) return refused('left the board');
    const apple = apples[eaten];
    const eats = apple && head[0] === apple[0] && head[1] === apple[1];
    if (!eats) snake.pop();
    if (snake.some(([x, y]) => x === head[0] && y === head[1])) return refused('bit itself');
    snake.unshift(head);
    if (eats) eaten += 1;
  }
  return eaten === score ? { ok: true, score } : refused(`the moves eat ${eaten}, not ${score}`);
}
