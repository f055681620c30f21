// Single requests, the newest first, with filters; the first page follows new ones.

import { failure, field } from '../creators/parts.js';
import { el } from '../ui/dom.js';
import { t } from '../ui/i18n.js';
import { asked, day, hours, query } from './shape.js';
import { download, moment, ms, table } from './tables.js';

const LOOK_MS = 5000;
const MORE = 50;
const EXPORTED = 2000;
const FILTERS = ['when', 'day', 'fn', 'status', 'error', 'id'];
const COLUMNS = ['ms', 'id', 'fn', 'route', 'status', 'duration', 'result', 'bytes', 'error'];

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
    const inputs = Object.fromEntries(FILTERS.map((name) => [name, el('input', { value: this.filters[name] ?? '', spellcheck: 'false' })]));
    const times = [['last', t('when.last')], ['day', t('when.day')], ...hours];
    const given = this.filters.when ?? (this.filters.day ? 'day' : 'last');
    inputs.when = el('select', {}, ...times.map(([value, text]) => el('option', { value, selected: value === given }, text)));
    inputs.day.type = 'date';
    inputs.day.value ||= day(Date.now());
    const shown = () => {
      inputs.day.disabled = inputs.when.value === 'last';
    };
    inputs.when.onchange = shown;
    shown();
    const send = (event) => {
      event.preventDefault();
      location.hash = `#/requests${query(Object.fromEntries(FILTERS.filter((name) => !inputs[name].disabled).map((name) => [name, inputs[name].value.trim()])))}`;
    };
    const fields = FILTERS.map((name) => field(t(`filter.${name}`), inputs[name]));
    return el('form', { class: 'days', onsubmit: send }, ...fields, el('div', { class: 'row' }, el('button', {}, t('filter'))));
  }

  async load(cursor = '') {
    clearTimeout(this.#timer);
    try {
      if (!document.hidden) {
        const said = await this.#page(cursor, MORE);
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

  #page(cursor, limit) {
    return this.session.ask('GET', `/insights/requests${query({ ...asked(this.filters, Date.now()), limit, cursor })}`);
  }

  /** Further pages, too, which are not on the page yet. */
  async #all() {
    const rows = [];
    let cursor = '';
    do {
      const said = await this.#page(cursor, 200);
      rows.push(...said.items);
      cursor = said.cursor;
    } while (cursor && rows.length < EXPORTED);
    return rows.slice(0, EXPORTED).map((row) => COLUMNS.map((name) => row[name]));
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
    const more = this.#cursor && el('button', { type: 'button', class: 'quiet', onclick: () => this.load(this.#cursor) }, t('more'));
    const head = ['moment', 'function', 'route', 'status', 'took', 'result', 'error', 'request'];
    this.body.replaceChildren(table(head, rows, 'requests.none'), el('div', { class: 'row' }, ...[more, rows.length > 0 && download('requests.csv', COLUMNS, () => this.#all())].filter(Boolean)));
  }
}
