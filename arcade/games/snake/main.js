import { openCabinet } from '../../ui/cabinet.js';
import { stillness } from '../../ui/dom.js';
import { meantForTheGame } from '../../ui/keys.js';
import { stage } from '../../ui/stage.js';
import { newGame, place, score, step, stepMs, turn } from './rules.js';
import { COLOURS, paint, SIZE } from './view.js';

const KEYS = {
  ArrowUp: 'up',
  ArrowRight: 'right',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  KeyW: 'up',
  KeyD: 'right',
  KeyS: 'down',
  KeyA: 'left',
};
const SWIPE_PIXELS = 16;

function create(field, host) {
  const scene = stage(field, { ...SIZE, colours: COLOURS });
  let game = newGame(host.random());
  let waited = 0;

  function steer(heading) {
    if (!host.playing || !heading) return;
    const turned = turn(game, heading);
    if (turned !== game) host.sound('turn');
    game = turned;
  }

  function advance() {
    const { eaten } = game;
    game = step(game);
    if (game.eaten > eaten) host.sound('point');
    if (game.over) host.over({ headline: game.over === 'full' ? 'full' : 'over' });
  }

  listen(field, host, steer, (event) => headingTowards(game, scene.at(event)));

  return {
    score: () => score(game),
    readings: (ms) => [
      ['points', String(score(game))],
      ['time', (ms / 1000).toFixed(1)],
    ],
    reset() {
      game = newGame(host.random());
      waited = 0;
      scene.touch();
    },
    begin() {
      waited = 0;
    },
    frame(ms, now) {
      waited += ms;
      while (!game.over && waited >= stepMs(game)) {
        waited -= stepMs(game);
        advance();
      }
      const progress = stillness.matches || game.over ? 1 : waited / stepMs(game);
      const pulse = stillness.matches ? 0 : now;
      const state = { game, progress, pulse, dead: Boolean(game.over) };
      scene.draw((context, colours) => paint(context, colours, state), { moving: ms > 0 });
    },
  };
}

function listen(field, host, steer, towards) {
  addEventListener('keydown', (event) => {
    if (!host.playing || !KEYS[event.code] || !meantForTheGame(event)) return;
    event.preventDefault();
    steer(KEYS[event.code]);
  });
  let from = null;
  field.addEventListener('pointerdown', (event) => {
    from = { x: event.clientX, y: event.clientY, swiped: false };
    if (event.pointerType === 'mouse') steer(towards(event));
  });
  field.addEventListener('pointermove', (event) => {
    if (!from || event.pointerType === 'mouse') return;
    const [x, y] = [event.clientX - from.x, event.clientY - from.y];
    if (Math.max(Math.abs(x), Math.abs(y)) < SWIPE_PIXELS) return;
    steer(Math.abs(x) > Math.abs(y) ? (x > 0 ? 'right' : 'left') : y > 0 ? 'down' : 'up');
    from = { x: event.clientX, y: event.clientY, swiped: true };
  });
  field.addEventListener('pointerup', (event) => {
    if (from && !from.swiped && event.pointerType !== 'mouse') steer(towards(event));
    from = null;
  });
}

/** The turn that brings the snake nearer to the pointed cell. */
function headingTowards({ body, heading }, [x, y]) {
  const [headX, headY] = place(body[0]);
  const upright = heading === 'up' || heading === 'down';
  if (upright) return x < headX ? 'left' : x >= headX + 1 ? 'right' : null;
  return y < headY ? 'up' : y >= headY + 1 ? 'down' : null;
}

openCabinet({
  id: 'snake',
  periods: ['all', 'monthly', 'weekly', 'daily'],
  order: [['score', 'desc'], ['timeMs', 'asc']],
  waits: true,
  pauses: true,
  create,
});
