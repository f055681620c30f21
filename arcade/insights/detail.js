// One function: its usage, its refusals by code, and its failures with their stack.

import { chart } from '../creators/charts.js';
import { el } from '../ui/dom.js';
import { number, t } from '../ui/i18n.js';
import { columns, series as exported, tiles } from './overview.js';
import { query, range } from './shape.js';
import { moment, table } from './tables.js';

const DAYS = 7;

export class Detail {
  constructor(root, workspace) {
    const fn = workspace.place.names[0] ?? '';
    const span = range(DAYS, Date.now());
    const body = el('div', { class: 'statistics' });
    root.append(body);
    const ask = (path) => workspace.session.ask('GET', `/insights/functions/${encodeURIComponent(fn)}${path}${query(span)}`);
    workspace.fill(body, () => Promise.all([ask(''), ask('/errors')]), ([found, errors]) => drawn(fn, found, errors, span));
  }
}

function drawn(fn, { function: known, usage, comparison, series }, { refusals, failures }, span) {
  const rows = refusals.map(({ code, times, status, lastMs, sample }) => [
    el('code', {}, code),
    number(times),
    String(status),
    moment(lastMs),
    el('a', { href: `#/requests${query({ id: sample, day: new Date(lastMs).toISOString().slice(0, 10) })}` }, t('newest')),
  ]);
  return [
    known && el('p', { class: 'broad lede' }, known.description),
    ...(usage.times ? tiles(usage, comparison) : [el('p', { class: 'note broad' }, t('usage.none'))]),
    chart({ title: 'requests', broad: true, head: ['moment', 'requests'], rows: columns(series, span, 'times') }),
    el('section', { class: 'broad' }, el('h2', {}, t('refusals')), table(['code', 'times', 'status', 'last', 'request'], rows, 'refusals.none')),
    el('section', { class: 'broad' }, el('h2', {}, t('failures')), ...(failures.length ? failures.map(failed) : [el('p', { class: 'note' }, t('failures.none'))])),
    el('div', { class: 'broad row' }, el('a', { href: `#/requests${query({ fn })}` }, t('requests')), exported(series)),
  ].filter(Boolean);
}

function failed({ code, times, lastMs, sample }) {
  const about = `${t('times.n', { n: number(times) })} · ${moment(lastMs)}`;
  const request = sample?.edgeId && el('a', { href: `#/requests${query({ id: sample.edgeId, day: new Date(lastMs).toISOString().slice(0, 10) })}` }, t('request'));
  const context = sample && JSON.stringify(sample.context, null, 2);
  return el(
    'details',
    { class: 'card' },
    el('summary', {}, el('code', {}, code), ` ${sample?.message ?? ''} (${about})`),
    el('pre', {}, el('code', {}, sample?.stack || '–')),
    el('pre', {}, el('code', {}, context ?? '')),
    request,
  );
}
