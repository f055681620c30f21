// Sign-in, or the account, in the bar of every page of a site that offers it.

import { el } from '../ui/dom.js';
import { spoken, t } from '../ui/i18n.js';
import { toolbox } from '../ui/layout.js';
import { offered, players } from './offer.js';

/** Opens the dialog, which is loaded then. */
export async function openAccount(refused) {
  const { openDialog } = await import('./account.js');
  await openDialog(await offered(), refused);
}

export async function addAccountButton() {
  if (!(await offered())) return;
  const button = el('button', { type: 'button', class: 'tool account', onclick: () => openAccount() });
  toolbox().prepend(button);
  const here = document.body.dataset.page === 'characters' && 'page';
  const link = el('a', { href: '/characters.html', 'data-t': 'characters', 'aria-current': here }, t('characters'));
  document.querySelector('#bar nav').append(link);
  const draw = () => {
    button.textContent = t(players.userId ? 'account' : 'sign.in.player');
  };
  spoken(draw);
  addEventListener('account', draw);
  addEventListener('storage', draw);
}
