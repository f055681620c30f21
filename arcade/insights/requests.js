// Single requests, the newest first, with filters; the first page follows new ones.

import { failure, field } from '../creators/parts.js';
import { el } from '../ui/dom.js';
import { t } from '../ui/i18n.js';
import { day, query } from './shape.js';
import { download, moment, ms, table } from './tables.js';

const LOOK_MS = 5000;
const MORE = 50;
const FILTERS = ['day', 'fn', 'status', 'error', 'id'];

export class Requests {
  #timer = null;
  #rows = [];
  #cursor = null;

  constructor(root, workspace) {
    this.session = workspace.session;
    this.filters = workspace.place.filters;
    this.body = el('div', {});
    root.append(this.#form(), this.body);
    this.load();
  }

  close() {
    clearTimeout(this.#timer);
    this.closed = true;
  }

  #form() {
    const inputs = Object.fromEntries(
      FILTERS.map((name) => [name, el('input', { value: this.filters[name] ?? '', spellcheck: 'false', ...(name === 'day' && { type: 'date', value: this.filters.day ?? day(Date.now()) }) })]),
    );
    const send = (event) => {
      event.preventDefault();
      location.hash = `#/requests${query(Object.fromEntries(FILTERS.map((name) => [name, inputs[name].value.trim()])))}`;
    };
    const fields = FILTERS.map((name) => field(t(`filter.${name}`), inputs[name]));
    return el('form', { class: 'days', onsubmit: send }, ...fields, el('div', { class: 'row' }, el('button', {}, t('filter'))));
  }

  async load(cursor = '') {
    clearTimeout(this.#timer);
    try {
      if (!document.hidden) {
        const said = await this.session.ask('GET', `/insights/requests${query({ ...this.filters, limit: MORE, cursor })}`);
        if (this.closed) return;
        this.#rows = cursor ? [...this.#rows, ...said.items] : said.items;
        this.#cursor = said.cursor;
        this.#draw();
      }
    } catch (error) {
      if (!this.closed) this.body.replaceChildren(failure(error, () => this.load()));
      return;
    }
    if (this.#rows.length <= MORE) this.#timer = setTimeout(() => this.load(), LOOK_MS);
  }

  #draw() {
    const rows = this.#rows.map((row) => [
      moment(row.ms),
      el('a', { href: `#/fn/${row.fn}` }, row.fn),
      row.route,
      String(row.status),
      ms(row.duration),
      row.result,
      row.error ?? '',
      el('code', { title: row.id }, row.id.slice(0, 8)),
    ]);
    const columns = ['ms', 'id', 'fn', 'route', 'status', 'duration', 'result', 'bytes', 'error'];
    const exported = this.#rows.map((row) => columns.map((name) => row[name]));
    const more = this.#cursor && el('button', { type: 'button', class: 'quiet', onclick: () => this.load(this.#cursor) }, t('more'));
    const head = ['moment', 'function', 'route', 'status', 'took', 'result', 'error', 'request'];
    this.body.replaceChildren(table(head, rows, 'requests.none'), el('div', { class: 'row' }, ...[more, download('requests.csv', columns, exported)].filter(Boolean)));
  }
}
