import { attract } from '../../ui/attract.js';
import { seeded } from '../random.js';
import { nextMove } from './autopilot.js';
import { newGame } from './rules.js';
import { COLOURS, paint, SIZE } from './view.js';

const MOVE_MS = 420;
const REST_MS = 2500;

export function show(place) {
  const random = seeded(Date.now());
  let game = newGame(random);
  for (let index = 0; index < 14; index += 1) game = nextMove(game);
  let waited = 0;
  attract(place, {
    size: SIZE,
    colours: COLOURS,
    advance(ms) {
      waited += ms;
      if (waited < (game.over ? REST_MS : MOVE_MS)) return false;
      waited = 0;
      game = game.over ? newGame(random) : nextMove(game);
      return true;
    },
    paint: (context, colours) => paint(context, colours, { game }),
  });
}
