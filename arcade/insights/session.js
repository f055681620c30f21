// The API key of this tab, and requests that carry it.

import { field, form } from '../creators/parts.js';
import { el } from '../ui/dom.js';
import { spoken, t } from '../ui/i18n.js';

const NAME = 'insights.key';

export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

export class Session extends EventTarget {
  #key = kept();

  get key() {
    return this.#key;
  }

  /** Takes the key if the API knows it, and keeps it until the tab is closed. */
  async enter(key) {
    await this.#send(key, 'GET', '/insights/users');
    this.#set(key);
  }

  leave() {
    this.#set('');
  }

  async ask(method, path, body) {
    try {
      return await this.#send(this.#key, method, path, body);
    } catch (error) {
      if (error.status === 401) this.leave();
      throw error;
    }
  }

  async #send(key, method, path, body) {
    let answer;
    try {
      answer = await fetch(`/api${path}`, {
        method,
        cache: 'no-store',
        headers: { authorization: `Bearer ${key}` },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch {
      throw new ApiError(0, 'offline', '');
    }
    const said = await answer.json().catch(() => null);
    if (answer.ok && said) return said;
    throw new ApiError(answer.status, said?.error?.code ?? 'internal', said?.error?.message ?? '');
  }

  #set(key) {
    this.#key = key;
    try {
      sessionStorage.setItem(NAME, key);
    } catch {
      // Without storage the key lasts until the page is left.
    }
    this.dispatchEvent(new Event('change'));
  }
}

function kept() {
  try {
    return sessionStorage.getItem(NAME) ?? '';
  } catch {
    return '';
  }
}

export class KeyForm {
  constructor(root, session) {
    spoken(() => {
      if (session.key) return;
      const key = el('input', { type: 'password', autocomplete: 'off', spellcheck: 'false', required: true });
      const sends = form({ button: 'key.enter', send: () => session.enter(key.value.trim()) }, field(t('key'), key, t('key.hint')));
      const card = el('div', { class: 'sign-in card' }, el('h1', {}, t('insights')), el('p', {}, t('insights.lede')), sends);
      root.replaceChildren(card);
    });
  }
}
