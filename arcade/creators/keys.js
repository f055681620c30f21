// API keys: names are shown, values are written and never read back.

import { el } from '../ui/dom.js';
import { t } from '../ui/i18n.js';
import { failure, field, form, note, reason } from './parts.js';

export class Keys {
  constructor(root, workspace, { project }) {
    this.session = workspace.session;
    this.path = project ? `/project/${project.id}/env` : '/creator/env';
    this.list = el('div', { class: 'list' }, note('loading'));
    root.append(el('p', { class: 'lede' }, t(project ? 'keys.project.lede' : 'keys.shared.lede')), this.list, this.#form());
    this.load();
  }

  async load() {
    try {
      this.#draw(await this.session.ask('GET', this.path));
    } catch (error) {
      this.list.replaceChildren(failure(error, () => this.load()));
    }
  }

  #draw(keys) {
    if (keys.length) this.list.replaceChildren(el('ul', { class: 'keys' }, ...keys.map(({ key }) => this.#row(key))));
    else this.list.replaceChildren(note('keys.none'));
  }

  #row(key) {
    const says = el('span', { class: 'says', role: 'status' });
    const again = el('button', { type: 'button', class: 'quiet', onclick: () => this.#fill(key) }, t('keys.replace'));
    const gone = el('button', { type: 'button', class: 'quiet', onclick: remove }, t('delete'));
    gone.setAttribute('aria-label', t('keys.delete', { key }));
    again.setAttribute('aria-label', t('keys.replace.of', { key }));
    const view = this;
    let sure = false;

    async function remove() {
      if (!sure) {
        sure = true;
        gone.textContent = t('sure');
        gone.setAttribute('aria-label', `${t('keys.delete', { key })}: ${t('sure')}`);
        gone.classList.add('danger');
        return;
      }
      try {
        await view.session.ask('DELETE', `${view.path}/${key}`);
        view.load();
      } catch (error) {
        says.textContent = reason(error);
      }
    }
    return el('li', {}, el('code', {}, key), el('span', { class: 'dots', 'aria-hidden': 'true' }, '••••••••'), says, again, gone);
  }

  #fill(key) {
    this.key.value = key;
    this.value.focus();
  }

  #form() {
    this.key = el('input', { class: 'code', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'characters', required: true, maxlength: 64 });
    this.key.addEventListener('input', () => (this.key.value = this.key.value.toUpperCase().replace(/[^A-Z0-9_]/g, '_')));
    this.value = el('input', { type: 'password', class: 'code', autocomplete: 'new-password', required: true });
    const send = async () => {
      await this.session.ask('PUT', this.path, { key: this.key.value, value: this.value.value });
      this.value.value = '';
      this.load();
    };
    return el(
      'div',
      { class: 'card' },
      el('h2', {}, t('keys.put')),
      form({ button: 'keys.save', send, done: 'keys.saved' }, field(t('keys.name'), this.key), field(t('keys.value'), this.value, t('keys.value.hint'))),
    );
  }
}
