// Tables and downloads that the views share.

import { el } from '../ui/dom.js';
import { language, number, t } from '../ui/i18n.js';
import { csv } from './shape.js';

/** Rows of texts or elements below their heads; a sentence where there is no row. */
export function table(head, rows, none) {
  if (!rows.length) return el('p', { class: 'note' }, t(none));
  const top = el('tr', {}, ...head.map((key) => el('th', { scope: 'col' }, t(key))));
  const body = rows.map((row) => el('tr', {}, ...row.map((each) => el('td', {}, each ?? ''))));
  return el('div', { class: 'wide', tabindex: '0' }, el('table', {}, el('thead', {}, top), el('tbody', {}, ...body)));
}

export function download(name, columns, rows) {
  const act = () => {
    const address = URL.createObjectURL(new Blob([csv(columns, rows)], { type: 'text/csv' }));
    el('a', { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  };
  return el('button', { type: 'button', class: 'quiet', onclick: act, disabled: !rows.length }, t('csv'));
}

export const ms = (value) => (value == null ? '–' : number(Math.round(value * 10) / 10));
export const percent = (value) => `${number(value)} %`;
export const moment = (at) =>
  new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'medium' }).format(at);

export function choices(label, values, chosen, choose) {
  const buttons = values.map(([value, text]) =>
    el('button', { type: 'button', class: 'quiet', 'aria-pressed': String(value === chosen), onclick: () => choose(value) }, text),
  );
  return el('div', { class: 'row ranges', role: 'group', 'aria-label': t(label) }, ...buttons);
}
