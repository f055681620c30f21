import { ALL, count, SQUARES } from './field.js';
import { deductions } from './reasoning.js';
import { flag, reveal } from './rules.js';

/** A careful player's next move: flag a certain mine or open a safe square. */
export function nextMove(game) {
  if (!game.mines) return reveal(game, SQUARES >> 1);
  const known = { open: game.open, mines: game.flags };
  const { safe, mines } = deductions(known, (at) => count(game.mines, at));
  const [mine] = mines;
  if (mine !== undefined) return flag(game, mine);
  const [sure] = safe;
  return reveal(game, sure ?? ALL.find((at) => !game.open.has(at) && !game.flags.has(at)));
}
