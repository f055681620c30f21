// Usage of all functions: how many requests, how fast, how many from the cache, and why some failed.

import { chart } from '../creators/charts.js';
import { el } from '../ui/dom.js';
import { number, t } from '../ui/i18n.js';
import { changes, compared, filled, query, range, share } from './shape.js';
import { choices, download, ms, percent, table } from './tables.js';

const DAYS = [1, 7, 30];

let days = 1;

export class Overview {
  constructor(root, workspace) {
    this.root = root;
    this.workspace = workspace;
    this.load();
  }

  load() {
    const span = range(days, Date.now());
    const body = el('div', { class: 'statistics' });
    const pick = choices('range', DAYS.map((each) => [each, each === 1 ? t('today') : t('days', { n: each })]), days, (chosen) => {
      days = chosen;
      this.load();
    });
    this.root.replaceChildren(pick, body);
    const usage = () => this.workspace.session.ask('GET', `/insights/usage${query({ ...span, compare: 'true' })}`);
    this.workspace.fill(body, usage, (found) => drawn(found, span));
  }
}

function drawn(now, span) {
  if (!now.total.times) return [el('div', { class: 'card' }, el('h2', {}, t('usage.none')), el('p', {}, t('usage.wait')))];
  return [
    ...tiles(now.total, now.comparison),
    chart({ title: 'requests', broad: true, head: ['moment', 'requests'], rows: columns(now.series, span, 'times') }),
    chart({ title: 'failed', head: ['moment', 'failed'], rows: columns(now.series, span, 'failed') }),
    chart({ title: 'slow', head: ['moment', 'p95'], rows: columns(now.series, span, 'p95Ms') }),
    now.refusals.length
      ? chart({ title: 'refusals', kind: 'bars', head: ['code', 'times'], rows: now.refusals.map(({ code, times }) => ({ label: code, value: times })) })
      : el('section', {}, el('h2', {}, t('refusals')), el('p', { class: 'note' }, t('refusals.none'))),
    el('section', { class: 'broad' }, el('h2', {}, t('by.function')), functions(now.functions), el('div', { class: 'row' }, exported(now.functions), series(now.series))),
  ];
}

/** The numbers of a range, and what they are compared with. */
export function tiles(now, comparison) {
  const changed = changes(comparison);
  const facts = [
    ['requests', number(now.times)],
    ['failed', percent(share(now.failed, now.times))],
    ['from.cache', percent(share(now.cache.hits, now.times))],
    ['p50', ms(now.duration.p50Ms)],
    ['p95', ms(now.duration.p95Ms)],
  ];
  if (now.runtime) facts.push(['memory', ms(now.runtime.memoryUsageMb)], ['cpu', ms(now.runtime.cpuMs)]);
  const drawn = facts.map(([name, value]) => el('div', {}, el('dt', {}, t(name)), el('dd', {}, value), difference(changed[name])));
  const none = comparison && !comparison.before.times;
  const said = comparison ? t(none ? 'nothing.before' : 'compared.with', { n: compared(comparison) }) : t('compare.later');
  return [el('dl', { class: 'tiles' }, ...drawn), el('p', { class: 'hint broad' }, said)];
}

function difference(changed) {
  if (changed == null) return null;
  return el('dd', { class: 'hint' }, `${changed > 0 ? '+' : ''}${number(changed)} %`);
}

/** Of each hour or day. */
export function series(found) {
  const names = ['at', 'times', 'failed', 'hits', 'p50Ms', 'p95Ms'];
  return download('series.csv', names, () => found.map((each) => names.map((name) => each[name])), 'csv.series');
}

export function columns(series, span, name) {
  const rows = filled(series, span, Date.now());
  return rows.map((each, place) => ({ label: each.at.replace('T', ' '), value: Math.round(each[name] ?? 0), latest: place === rows.length - 1 }));
}

const HEAD = ['function', 'requests', 'failed', 'from.cache', 'p50', 'p95', 'callers'];

function functions(found) {
  const rows = found.map((each) => [
    el('a', { href: `#/fn/${each.fn}` }, each.fn),
    number(each.times),
    number(each.failed),
    percent(share(each.cache.hits, each.times)),
    ms(each.duration.p50Ms),
    ms(each.duration.p95Ms),
    each.callers == null ? '' : `≈ ${number(each.callers)}`,
  ]);
  return table(HEAD, rows, 'usage.none');
}

function exported(found) {
  const names = ['function', 'requests', 'failed', 'hits', 'mean_ms', 'p50_ms', 'p90_ms', 'p95_ms', 'p99_ms', 'callers'];
  const rows = found.map(({ fn, times, failed, cache, duration, callers }) => [
    ...[fn, times, failed, cache.hits, duration.meanMs, duration.p50Ms, duration.p90Ms, duration.p95Ms, duration.p99Ms, callers],
  ]);
  return download('usage.csv', names, () => rows);
}
