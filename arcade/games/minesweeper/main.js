import { openCabinet } from '../../ui/cabinet.js';
import { el, svg } from '../../ui/dom.js';
import { spoken, t } from '../../ui/i18n.js';
import { ALL, COLUMNS, count, place, ROWS } from './field.js';
import { chord, flag, minesLeft, newGame, reveal } from './rules.js';

const LONG_PRESS_MS = 350;
const HELD_STILL_PIXELS = 10;
const FLAG = 'M4 2h2v1h3v1h3v1h2v1h-2v1H9v1H6v6H4z';
const WALK = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

function create(field, host) {
  const grid = el('div', { role: 'grid', class: 'mines' });
  const squares = ALL.map((at) => el('button', { type: 'button', role: 'gridcell', tabindex: at ? -1 : 0, 'data-at': at }));
  for (let row = 0; row < ROWS; row += 1) {
    grid.append(el('div', { role: 'row' }, ...squares.slice(row * COLUMNS, (row + 1) * COLUMNS)));
  }
  field.prepend(grid);
  const flagging = el('button', { type: 'button', class: 'quiet', 'aria-pressed': 'false' }, svg('0 0 16 16', FLAG, 'glyph'));
  flagging.addEventListener('click', () => flagging.setAttribute('aria-pressed', !flagsByTap()));
  const flagsByTap = () => flagging.getAttribute('aria-pressed') === 'true';
  let game = newGame(host.random());

  function draw() {
    squares.forEach((square, at) => {
      const look = lookOf(game, at);
      if (square.dataset.look !== look) square.dataset.look = look;
      const [x, y] = place(at);
      const name = `${t('square', { row: y + 1, column: x + 1 })}: ${said(look)}`;
      if (square.getAttribute('aria-label') !== name) square.setAttribute('aria-label', name);
      const text = /^[1-8]$/.test(look) ? look : '';
      if (square.textContent !== text) square.textContent = text;
    });
  }

  function change(next) {
    if (next === game) return;
    const before = game;
    game = next;
    if (!before.mines && game.mines) host.start();
    draw();
    if (game.over === 'won') host.over({ headline: 'won', tune: 'won' });
    else if (game.over === 'lost') host.over({ headline: 'lost', counts: false });
    else host.sound(game.open === before.open ? 'flag' : 'open');
  }

  const open = (at) => change(game.open.has(at) ? chord(game, at) : reveal(game, at));
  const mark = (at) => change(flag(game, at));

  listen(grid, squares, { open, mark, press: (at) => (flagsByTap() && !game.open.has(at) ? mark(at) : open(at)) });
  spoken(() => {
    grid.setAttribute('aria-label', t('field', { columns: COLUMNS, rows: ROWS }));
    flagging.setAttribute('aria-label', t('flagging'));
    flagging.title = t('flagging');
    draw();
  });

  return {
    buttons: [flagging],
    hint: 'first',
    score: () => (game.over === 'won' ? 1 : 0),
    readings: (ms) => [
      ['mines', String(minesLeft(game))],
      ['time', (ms / 1000).toFixed(1)],
    ],
    reset() {
      game = newGame(host.random());
      draw();
      squares[0].focus();
    },
    begin() {},
    frame() {},
  };
}

/** A square's state: a number, clear, closed or flagged; at the end also mines and wrong flags. */
function lookOf(game, at) {
  if (game.open.has(at)) return String(count(game.mines, at) || 'clear');
  const mine = game.over && game.mines.has(at);
  if (game.flags.has(at)) return game.over && !mine ? 'wrong' : 'flag';
  if (!mine) return 'closed';
  if (game.over === 'won') return 'flag';
  return at === game.struck ? 'struck' : 'mine';
}

const said = (look) => (/^\d$/.test(look) ? look : t(`square.${look === 'struck' ? 'mine' : look}`));

function listen(grid, squares, { open, mark, press }) {
  const at = (event) => {
    const square = event.target.closest('[data-at]');
    return square && Number(square.dataset.at);
  };
  let held = null;
  let consumed = false;
  let pointer = 'mouse';
  const letGo = () => {
    clearTimeout(held?.timer);
    held = null;
  };
  grid.addEventListener('pointerdown', (event) => {
    consumed = false;
    // Not every browser reports the button with the context menu.
    pointer = event.pointerType;
    const square = at(event);
    if (square === null || event.pointerType === 'mouse') return;
    const timer = setTimeout(() => {
      consumed = true;
      navigator.vibrate?.(20);
      mark(square);
    }, LONG_PRESS_MS);
    held = { timer, x: event.clientX, y: event.clientY };
  });
  grid.addEventListener('pointermove', (event) => {
    if (held && Math.hypot(event.clientX - held.x, event.clientY - held.y) > HELD_STILL_PIXELS) letGo();
  });
  grid.addEventListener('pointerup', letGo);
  grid.addEventListener('pointercancel', letGo);
  grid.addEventListener('contextmenu', (event) => {
    event.preventDefault();
    if (at(event) !== null && pointer === 'mouse') mark(at(event));
  });
  grid.addEventListener('click', (event) => {
    if (at(event) === null || consumed) return;
    walkTo(squares, at(event));
    // A click without a pointer comes from Enter or Space, which always open.
    if (event.detail) press(at(event));
    else open(at(event));
  });
  grid.addEventListener('keydown', (event) => {
    if (at(event) === null) return;
    const [x, y] = place(at(event));
    const step = WALK[event.key];
    if (step) walkTo(squares, clamp(y + step[1], ROWS) * COLUMNS + clamp(x + step[0], COLUMNS));
    else if (event.key === 'f' || event.key === 'F') mark(at(event));
    else return;
    event.preventDefault();
  });
}

const clamp = (value, size) => Math.min(size - 1, Math.max(0, value));

function walkTo(squares, at) {
  squares.forEach((square, index) => {
    square.tabIndex = index === at ? 0 : -1;
  });
  squares[at].focus({ preventScroll: true });
}

openCabinet({
  id: 'minesweeper',
  periods: ['all', 'monthly', 'weekly'],
  order: [['timeMs', 'asc']],
  waits: false,
  pauses: false,
  create,
});
