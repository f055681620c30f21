// Sign-in, or the account, in the bar of every page of a site that offers it.

import { el } from '../ui/dom.js';
import { spoken, t } from '../ui/i18n.js';
import { toolbox } from '../ui/layout.js';

/** Opens the dialog. All that it needs is loaded then, because most visits never open it. */
export async function openAccount(refused, provider) {
  // A game pauses, as it does when its window loses the focus.
  dispatchEvent(new Event('blur'));
  const { openDialog } = await import('./account.js');
  await openDialog(refused, provider);
}

export async function addAccountButton() {
  if (!(await isOffered())) return;
  const button = el('button', { type: 'button', class: 'tool account', onclick: () => openAccount() });
  const here = document.body.dataset.page === 'characters' && 'page';
  const link = el('a', { href: '/characters.html', 'data-t': 'characters', 'aria-current': here }, t('characters'));
  toolbox().prepend(button);
  document.querySelector('#bar nav').append(link);
  const draw = () => {
    button.textContent = t(isSignedIn() ? 'account' : 'sign.in.player');
  };
  spoken(draw);
  addEventListener('account', draw);
  addEventListener('storage', draw);
}

async function isOffered() {
  try {
    return Boolean((await (await fetch('/players.json')).json()).providers);
  } catch {
    return false;
  }
}

/** The SDK's own key, read here so that pages load the SDK only with the dialog. */
function isSignedIn() {
  try {
    return Boolean(localStorage.getItem('htmlgame.players'));
  } catch {
    return false;
  }
}
