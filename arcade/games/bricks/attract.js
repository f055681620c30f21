import { attract } from '../../ui/attract.js';
import { seeded } from '../random.js';
import { aimOf } from './autopilot.js';
import { launch, newGame, step, STEP_MS } from './rules.js';
import { aged, COLOURS, paint, SIZE, sparksOf } from './view.js';

const WARM_UP = 900;

export function show(place) {
  const random = seeded(Date.now());
  let game = newGame(random);
  let sparks = [];
  let waited = 0;

  function onward() {
    if (!game.ball.dy) launch(game);
    step(game, aimOf(game));
    sparks.push(...game.events.filter(({ kind }) => kind === 'broken').flatMap(sparksOf));
    if (game.over) game = newGame(random);
  }

  for (let index = 0; index < WARM_UP; index += 1) onward();
  sparks = [];
  attract(place, {
    size: { width: SIZE.height, height: SIZE.height },
    colours: [...COLOURS, 'line'],
    advance(ms) {
      waited += ms;
      while (waited >= STEP_MS) {
        waited -= STEP_MS;
        onward();
      }
      sparks = aged(sparks, ms);
      return true;
    },
    paint(context, colours) {
      const side = (SIZE.height - SIZE.width) / 2;
      context.fillStyle = colours.line;
      context.fillRect(0, 0, side - 2, SIZE.height);
      context.fillRect(SIZE.height - side + 2, 0, side, SIZE.height);
      context.translate(side, 0);
      paint(context, colours, { game, sparks });
    },
  });
}
