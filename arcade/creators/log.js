// The audit log by month, and the button that deletes everything.

import { el } from '../ui/dom.js';
import { language, t } from '../ui/i18n.js';
import { confirmed, failure, jobLine, note } from './parts.js';

export class Log {
  #items = [];
  #cursor = null;

  constructor(root, workspace) {
    this.workspace = workspace;
    this.session = workspace.session;
    const now = new Date().toISOString().slice(0, 7);
    this.month = el('input', { type: 'month', value: now, max: now, onchange: () => this.load(true) });
    const pick = el('label', { class: 'pick' }, t('log.month'), this.month);
    this.list = el('div', { class: 'list' }, note('loading'));
    this.exit = el('div', { class: 'card exit' });
    root.append(el('p', { class: 'lede' }, t('log.lede')), pick, this.list, this.exit);
    this.#drawExit();
    this.load(true);
  }

  async load(fresh) {
    if (!/^\d{4}-\d\d$/.test(this.month.value)) return;
    const cursor = fresh ? '' : `&cursor=${this.#cursor}`;
    try {
      const page = await this.session.ask('GET', `/creator/audit?month=${this.month.value}${cursor}`);
      this.#items = [...(fresh ? [] : this.#items), ...page.items];
      this.#cursor = page.cursor;
      this.#draw();
    } catch (error) {
      this.list.replaceChildren(failure(error, () => this.load(fresh)));
    }
  }

  #draw() {
    if (!this.#items.length) {
      this.list.replaceChildren(note('log.none'));
      return;
    }
    const when = new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'short' });
    const rows = this.#items.map((item) =>
      el('tr', {}, el('td', {}, when.format(new Date(item.at))), el('td', {}, t(`log.${item.action}`)), el('td', {}, this.#what(item))),
    );
    const head = el('tr', {}, ...['log.time', 'log.action', 'log.target'].map((key) => el('th', { scope: 'col' }, t(key))));
    const table = el('table', {}, el('thead', {}, head), el('tbody', {}, ...rows));
    const more = this.#cursor && el('button', { type: 'button', class: 'quiet', onclick: () => this.load(false) }, t('log.more'));
    this.list.replaceChildren(el('div', { class: 'wide', tabindex: '0' }, table), more ?? '');
  }

  #what({ key, projectId }) {
    const parts = [key && el('code', {}, key), projectId && el('bdi', {}, this.workspace.nameOf(projectId))];
    return el('span', { class: 'what' }, ...parts.filter(Boolean));
  }

  #drawExit() {
    const go = el('button', { type: 'button', class: 'danger', onclick: () => this.#erase() }, t('erase'));
    this.exit.replaceChildren(el('h2', {}, t('erase.title')), el('p', {}, t('erase.text')), go);
  }

  async #erase() {
    const job = await confirmed({
      title: 'erase.title',
      text: 'erase.text',
      name: this.session.email,
      button: 'erase',
      act: () => this.session.ask('DELETE', '/creator'),
    });
    if (job) this.exit.replaceChildren(el('h2', {}, t('erase.title')), jobLine(this.session, job));
  }
}
