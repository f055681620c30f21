// The makers' page: who is signed in sees their projects, everybody else the door.

import { Door } from './makers/door.js';
import { Office } from './makers/office.js';
import { note } from './makers/parts.js';
import { openSession } from './makers/session.js';
import { el } from './ui/dom.js';
import { spoken } from './ui/i18n.js';
import { layOut } from './ui/layout.js';

const room = document.querySelector('#office');

layOut();
room.append(note('loading'));

const session = await openSession().catch(() => null);
if (!session) closed('makers.failed');
else if (!session.offered) closed('makers.off');
else {
  session.addEventListener('change', show);
  show();
}

function show() {
  room.replaceChildren();
  if (session.email) new Office(room, session);
  else new Door(room, session);
}

function closed(why) {
  const text = el('p', { class: 'empty' });
  room.replaceChildren(text);
  spoken(() => text.replaceChildren(note(why)));
}
