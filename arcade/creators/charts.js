// Charts drawn by hand: columns for days and ranges, bars for names. Behind each lies its table.

import { el } from '../ui/dom.js';
import { number, t } from '../ui/i18n.js';
import { scale } from './scale.js';

const NAMESPACE = 'http://www.w3.org/2000/svg';
const HEIGHT = 100;
const STEP = 10;
const GAP = 2;
const MOST_LABELS = 7;

/** A figure: its picture, and what it shows in figures. */
export function chart({ title, rows, head, kind = 'columns', about = '', broad = false }) {
  const id = `chart-${title.replace(/\W+/g, '-')}`;
  const values = rows.map((row) => row.value);
  const picture = kind === 'columns' ? columns(rows, scale(values)) : bars(rows, scale(values));
  picture.setAttribute('aria-describedby', `${id}-table`);
  const caption = el('figcaption', {}, el('h3', {}, t(title)), el('span', {}, about));
  const more = el('details', {}, el('summary', {}, t('chart.table')), table(rows, head, `${id}-table`));
  return el('figure', { class: broad ? 'chart broad' : 'chart' }, caption, rows.length ? picture : el('p', { class: 'note' }, t('chart.none')), more);
}

function columns(rows, { top, half }) {
  const width = Math.max(rows.length, 1) * STEP;
  const drawn = shape('svg', { viewBox: `0 0 ${width} ${HEIGHT}`, preserveAspectRatio: 'none', class: 'drawn', 'aria-hidden': 'true' });
  drawn.append(shape('path', { class: 'grid', d: `M0 0.5H${width}${half ? `M0 50H${width}` : ''}`, 'vector-effect': 'non-scaling-stroke' }));
  rows.forEach(({ value, label, latest }, place) => {
    const height = value ? Math.max((value / top) * HEIGHT, 1) : 0;
    const column = shape('rect', { x: place * STEP + GAP / 2, y: HEIGHT - height, width: STEP - GAP, height, class: latest ? 'latest' : '' });
    column.append(shape('title', {}, `${label}: ${number(value)}`));
    drawn.append(column);
  });
  const marks = el('div', { class: 'marks', 'aria-hidden': 'true' }, el('span', {}, number(top)), half && el('span', {}, number(half)));
  const each = rows.length <= MOST_LABELS;
  const named = each ? rows : [rows[0], rows[(rows.length - 1) >> 1], rows.at(-1)];
  const axis = el('div', { class: each ? 'axis each' : 'axis', 'aria-hidden': 'true' }, ...named.map((row) => el('span', {}, row.label)));
  return el('div', { class: 'plot', role: 'group' }, drawn, marks, axis);
}

function bars(rows, { top }) {
  const lines = rows.map(({ label, value }) => {
    const drawn = shape('svg', { viewBox: '0 0 100 1', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    drawn.append(shape('rect', { width: (value / top) * 100, height: 1 }));
    return el('li', {}, el('code', {}, label), drawn, el('span', {}, number(value)));
  });
  return el('ul', { class: 'plot' }, ...lines);
}

function table(rows, head, id) {
  const top = el('tr', {}, ...head.map((key) => el('th', { scope: 'col' }, t(key))));
  const body = rows.map(({ label, value }) => el('tr', {}, el('th', { scope: 'row' }, label), el('td', {}, number(value))));
  return el('table', { id }, el('thead', {}, top), el('tbody', {}, ...body));
}

function shape(tag, attributes, text) {
  const node = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text) node.textContent = text;
  return node;
}
