import { connect } from '/sdk/htmlgame.min.js';
import * as bricks from './games/bricks/attract.js';
import * as minesweeper from './games/minesweeper/attract.js';
import * as snake from './games/snake/attract.js';
import { alike, worth } from './ui/board.js';
import { el } from './ui/dom.js';
import { guest } from './ui/guest.js';
import { spoken, t } from './ui/i18n.js';
import { layOut } from './ui/layout.js';

const LEADERS = 3;
const SCENES = { snake, minesweeper, bricks };

layOut();
for (const id of Object.keys(SCENES)) {
  const ticket = document.querySelector(`.of-${id}`);
  SCENES[id].show(ticket.querySelector('.scene'));
  const enter = ticket.querySelector('.enter');
  spoken(() => {
    enter.textContent = t('front.play', { game: t(id) });
  });
  lead(id, ticket.querySelector('.leaders'));
}

async function lead(id, list) {
  let found = null;
  let failed = false;
  spoken(() => draw());
  try {
    const game = await connect({ game: id, name: guest() });
    found = await game.ranking();
  } catch {
    failed = true;
  }
  draw();

  function draw() {
    list.setAttribute('aria-busy', String(!found && !failed));
    if (failed) list.replaceChildren(el('li', {}, t('board.failed')));
    else if (!found) list.replaceChildren(el('li', {}, t('board.loading')));
    else if (!found.items.length) list.replaceChildren(el('li', {}, t('board.empty')));
    else list.replaceChildren(...found.items.slice(0, LEADERS).map((item) => leader(found.order, item)));
  }
}

function leader(order, item) {
  return el(
    'li',
    {},
    el('span', { 'aria-hidden': 'true' }, String(item.rank)),
    el('bdi', {}, item.userName),
    alike(item),
    el('span', {}, worth(order, item)),
  );
}
