import { attract } from '../../ui/attract.js';
import { seeded } from '../random.js';
import { heading } from './autopilot.js';
import { newGame, step, turn } from './rules.js';
import { COLOURS, paint, SIZE } from './view.js';

const STEP_MS = 110;
const LONG_ENOUGH = 45;

export function show(place) {
  const random = seeded(Date.now());
  let game = newGame(random);
  for (let index = 0; index < 60; index += 1) game = onward(game);
  let waited = 0;
  let pulse = 0;

  function onward(now) {
    const next = step(turn(now, heading(now)));
    return next.over || next.eaten === LONG_ENOUGH ? newGame(random) : next;
  }

  attract(place, {
    size: SIZE,
    colours: COLOURS,
    advance(ms) {
      waited += ms;
      pulse += ms;
      while (waited >= STEP_MS) {
        waited -= STEP_MS;
        game = onward(game);
      }
      return true;
    },
    paint: (context, colours) => paint(context, colours, { game, progress: waited / STEP_MS, pulse }),
  });
}
