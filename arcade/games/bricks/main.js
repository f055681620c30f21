import { openCabinet } from '../../ui/cabinet.js';
import { stillness } from '../../ui/dom.js';
import { meantForTheGame } from '../../ui/keys.js';
import { stage } from '../../ui/stage.js';
import { launch, newGame, step, STEP_MS } from './rules.js';
import { aged, COLOURS, paint, SIZE, sparksOf } from './view.js';

const KEYS = { ArrowLeft: -1, KeyA: -1, ArrowRight: 1, KeyD: 1 };
const SOUNDS = { paddle: 'bounce', broken: 'point', cracked: 'bounce', level: 'level', lost: 'turn' };

function create(field, host) {
  const scene = stage(field, { ...SIZE, colours: COLOURS });
  const input = { to: null, push: 0 };
  let game = newGame(host.random());
  let waited = 0;
  let sparks = [];

  function advance() {
    step(game, input);
    for (const event of game.events) {
      host.sound(SOUNDS[event.kind]);
      if (event.kind === 'level') host.tell('level_up', { level: game.level });
      if (event.kind === 'broken' && !stillness.matches) sparks.push(...sparksOf(event));
    }
    if (game.over) host.over({ headline: 'over' });
  }

  listen(field, host, input, scene, {
    paddle: () => game.paddle,
    serve: () => host.playing && launch(game),
  });

  return {
    score: () => game.score,
    readings: () => [
      ['points', String(game.score)],
      ['balls', String(game.lives)],
    ],
    reset() {
      game = newGame(host.random());
      Object.assign(input, { to: null, push: 0 });
      scene.touch();
    },
    begin() {
      waited = 0;
    },
    frame(ms) {
      waited += ms;
      while (!game.over && waited >= STEP_MS) {
        waited -= STEP_MS;
        advance();
      }
      sparks = aged(sparks, ms);
      scene.draw((context, colours) => paint(context, colours, { game, sparks }), { moving: ms > 0 || sparks.length > 0 });
    },
  };
}

function listen(field, host, input, scene, { paddle, serve }) {
  const held = new Set();
  const push = () => {
    input.push = [...held].reduce((sum, code) => sum + KEYS[code], 0);
    if (input.push) input.to = null;
  };
  // Outside the window, the release of a key or button is not reported.
  addEventListener('blur', () => {
    held.clear();
    push();
  });
  addEventListener('keydown', (event) => {
    if (!host.playing || !meantForTheGame(event)) return;
    if (event.code === 'Space' || event.code === 'ArrowUp') serve();
    else if (KEYS[event.code]) held.add(event.code);
    else return;
    event.preventDefault();
    push();
  });
  addEventListener('keyup', (event) => {
    held.delete(event.code);
    push();
  });
  let grip = null;
  field.addEventListener('pointerdown', (event) => {
    if (!host.playing || (grip && grip.finger !== event.pointerId)) return;
    grip = { finger: event.pointerId, from: scene.at(event)[0], paddle: paddle(), moved: false };
    if (event.pointerType === 'mouse') serve();
  });
  addEventListener('pointermove', (event) => {
    if (!host.playing) return;
    const [x] = scene.at(event);
    if (event.pointerType === 'mouse') input.to = x;
    else if (grip?.finger === event.pointerId) {
      input.to = grip.paddle + x - grip.from;
      grip.moved ||= Math.abs(x - grip.from) > 6;
    }
  });
  addEventListener('pointerup', (event) => {
    if (grip?.finger !== event.pointerId) return;
    if (!grip.moved && event.pointerType !== 'mouse') serve();
    grip = null;
  });
  addEventListener('pointercancel', (event) => {
    if (grip?.finger === event.pointerId) grip = null;
  });
}

openCabinet({
  id: 'bricks',
  periods: ['all', 'monthly', 'weekly', 'daily'],
  order: [['score', 'desc']],
  waits: true,
  pauses: true,
  create,
});
