// This player's best results, as the boards have them, or as this browser remembers them.

import { connect } from '/sdk/htmlgame.min.js';
import { worth } from '../ui/board.js';
import { kept } from '../ui/dom.js';
import { guest } from '../ui/guest.js';
import { GAMES } from '../ui/layout.js';

/** One for each game that this player has played: { game, value, rank }. Never rejects. */
export async function bests() {
  const found = await Promise.all(GAMES.map((game) => best(game).catch(() => null)));
  return found.filter(Boolean);
}

async function best(id) {
  const game = await connect({ game: id, name: guest() });
  try {
    const board = await game.ranking('all', { signal: AbortSignal.timeout(4_000) });
    const row = board.items.find(({ userId }) => userId === game.player.id);
    if (row) return { game: id, value: worth(board.order, row), rank: row.rank };
  } catch {
    // Offline: what the page remembers.
  }
  const remembered = JSON.parse(kept.get(`best.${id}.${game.player.id}`));
  const order = [[id === 'minesweeper' ? 'timeMs' : 'score']];
  return remembered && { game: id, value: worth(order, remembered), rank: null };
}
