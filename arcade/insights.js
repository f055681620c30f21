// The page of Insights: usage, requests and functions, for everybody who has an API key.

import { KeyForm, Session } from './insights/session.js';
import { Workspace } from './insights/workspace.js';
import { layOut } from './ui/layout.js';

const room = document.querySelector('#workspace');
const session = new Session();

layOut();
session.addEventListener('change', show);
show();

function show() {
  room.replaceChildren();
  if (session.key) new Workspace(room, session);
  else new KeyForm(room, session);
}
