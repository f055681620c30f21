// Usage of all functions: how many requests, how fast, how many from the cache, and why some failed.

import { chart } from '../creators/charts.js';
import { el } from '../ui/dom.js';
import { number, t } from '../ui/i18n.js';
import { change, filled, query, ranges, share } from './shape.js';
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
    const spans = ranges(days, Date.now());
    const body = el('div', { class: 'statistics' });
    const pick = choices('range', DAYS.map((each) => [each, each === 1 ? t('today') : t('days', { n: each })]), days, (chosen) => {
      days = chosen;
      this.load();
    });
    this.root.replaceChildren(pick, body);
    const usage = (span) => this.workspace.session.ask('GET', `/insights/usage${query(span)}`);
    this.workspace.fill(body, () => Promise.all([usage(spans.now), usage(spans.before)]), ([now, before]) => drawn(now, before, spans.now));
  }
}

function drawn(now, before, span) {
  if (!now.total.times) return [el('div', { class: 'card' }, el('h2', {}, t('usage.none')), el('p', {}, t('usage.wait')))];
  return [
    el('dl', { class: 'tiles' }, ...tiles(now.total, before.total)),
    chart({ title: 'requests', broad: true, head: ['moment', 'requests'], rows: columns(now.series, span, 'times') }),
    chart({ title: 'failed', head: ['moment', 'failed'], rows: columns(now.series, span, 'failed') }),
    chart({ title: 'slow', head: ['moment', 'p95'], rows: columns(now.series, span, 'p95Ms') }),
    chart({ title: 'refusals', kind: 'bars', head: ['code', 'times'], rows: now.refusals.map(({ code, times }) => ({ label: code, value: times })) }),
    el('section', { class: 'broad' }, el('h2', {}, t('by.function')), functions(now.functions), exported(now.functions)),
  ];
}

export function tiles(now, before) {
  const failed = (total) => share(total.failed, total.times);
  const cached = (total) => share(total.cache.hits, total.times);
  const facts = [
    ['requests', number(now.times), change(now.times, before?.times)],
    ['failed', percent(failed(now)), before && change(failed(now), failed(before))],
    ['from.cache', percent(cached(now)), before && change(cached(now), cached(before))],
    ['p50', ms(now.duration.p50Ms), change(now.duration.p50Ms, before?.duration.p50Ms)],
    ['p95', ms(now.duration.p95Ms), change(now.duration.p95Ms, before?.duration.p95Ms)],
  ];
  if (now.runtime) facts.push(['memory', ms(now.runtime.memoryUsageMb)], ['cpu', ms(now.runtime.cpuMs)]);
  return facts.map(([name, value, changed]) => el('div', {}, el('dt', {}, t(name)), el('dd', {}, value), compared(changed)));
}

function compared(changed) {
  if (changed == null) return null;
  const sign = changed > 0 ? '+' : '';
  return el('dd', { class: 'hint' }, t('than.before', { n: `${sign}${number(changed)} %` }));
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
  return download('usage.csv', names, rows);
}
