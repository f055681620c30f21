// The sign-in form.

import { el } from '../ui/dom.js';
import { spoken, t } from '../ui/i18n.js';
import { field, form } from './parts.js';

const DEMO = 'demo@example.org';

export class SignIn {
  constructor(root, session) {
    const card = root.appendChild(el('section', { class: 'sign-in ticket' }));
    spoken(() => card.isConnected && card.replaceChildren(...this.#content(session)));
  }

  #content(session) {
    const email = el('input', { type: 'email', autocomplete: 'username', required: true });
    const password = el('input', { type: 'password', autocomplete: 'current-password' });
    if (session.local) email.value = DEMO;
    const send = () => session.enter(email.value.trim(), password.value);
    const asked = form(
      { button: 'sign.in', kind: 'go', send },
      field(t('email'), email),
      session.local ? null : field(t('password'), password),
    );
    return [
      el('h1', {}, t('creators')),
      el('p', {}, t('creators.lede')),
      session.local ? el('p', { class: 'hint' }, t('creators.local', { email: DEMO })) : null,
      asked,
    ].filter(Boolean);
  }
}
