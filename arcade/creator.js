// The creators' page: projects after sign-in, the sign-in form before.

import { SignIn } from './creators/sign-in.js';
import { Workspace } from './creators/workspace.js';
import { note } from './creators/parts.js';
import { openSession } from './creators/session.js';
import { el } from './ui/dom.js';
import { spoken } from './ui/i18n.js';
import { layOut } from './ui/layout.js';

const room = document.querySelector('#workspace');

layOut();
room.append(note('loading'));

const session = await openSession().catch(() => null);
if (!session) closed('creators.failed');
else if (!session.offered) closed('creators.off');
else {
  session.addEventListener('change', show);
  show();
}

function show() {
  room.replaceChildren();
  if (session.email) new Workspace(room, session);
  else new SignIn(room, session);
}

function closed(why) {
  const text = el('p', { class: 'empty' });
  room.replaceChildren(text);
  spoken(() => text.replaceChildren(note(why)));
}
