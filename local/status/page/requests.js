import { byId, chip, h, mono } from './dom.js';
import { clock, duration, many, span, units } from './words.js';

export const VERDICTS = {
  answered: 'by a function at the edge',
  refused: 'at the edge, before it costs anything',
  cached: 'from the edge’s cache',
  forwarded: 'to an origin',
  failed: 'at the edge or on the way to an origin',
};

const rows = new Map();
const only = new Set();
let needle = '';
let files = true;

export function filterBy(text) {
  needle = text.trim().toLowerCase();
  showMatching();
}

export function toggle(verdict) {
  if (!only.delete(verdict)) {
    only.add(verdict);
  }
  showMatching();
  return only.has(verdict);
}

export function showFiles(wanted) {
  files = wanted;
  showMatching();
}

export function clearFilter() {
  only.clear();
  files = true;
  filterBy('');
}

export function showRequests(requests, first) {
  const list = byId('rows');
  const known = new Set(requests.map((request) => request.number));
  for (const [number, row] of rows) {
    if (!known.has(number)) {
      row.remove();
      rows.delete(number);
    }
  }
  for (const request of [...requests].reverse()) {
    const said = JSON.stringify(request);
    const row = rows.get(request.number);
    if (!row) {
      const made = h('li', { class: first ? null : 'new' });
      fill(made, request, said);
      rows.set(request.number, made);
      list.prepend(made);
    } else if (row.said !== said) {
      fill(row, request, said);
    }
  }
  showMatching();
}

function fill(row, request, said) {
  const open = row.querySelector('details')?.open;
  const focused = row.contains(document.activeElement);
  row.said = said;
  row.verdict = request.verdict;
  row.file = request.behaviour === 'default (*)';
  row.text = textOf(request);
  row.replaceChildren(rowOf(request));
  row.querySelector('details').open = Boolean(open);
  if (focused) {
    row.querySelector('summary').focus();
  }
}

function textOf(request) {
  const { method, path, behaviour, function: name, code, message, cache, origin, status } = request;
  return [method, path, behaviour, name, code, message, cache, origin, status].join(' ').toLowerCase();
}

function showMatching() {
  let shown = 0;
  for (const row of rows.values()) {
    const wanted = (files || !row.file) && (!only.size || only.has(row.verdict));
    row.hidden = !(wanted && row.text.includes(needle));
    shown += row.hidden ? 0 : 1;
  }
  const filtered = !files || only.size > 0 || needle !== '';
  byId('shown').textContent = filtered ? `${shown} of ${rows.size} shown` : '';
  byId('no-rows').hidden = shown > 0;
  byId('no-rows').replaceChildren(...(rows.size ? noneMatch() : noneYet()));
}

function noneYet() {
  const example = `curl '${location.origin}/api/get-start?game=snake&user=…'`;
  return [
    h('p', {}, 'No requests yet.'),
    h('p', { class: 'quiet' }, 'Play on ', h('a', { href: '/' }, 'the site'), ', or try ', mono(example)),
  ];
}

function noneMatch() {
  const button = h('button', { type: 'button' }, 'Show all');
  button.addEventListener('click', () => document.dispatchEvent(new Event('show-all')));
  return [h('p', {}, 'No request matches this filter.'), button];
}

function rowOf(request) {
  return h(
    'details',
    {},
    h(
      'summary',
      { class: 'row' },
      h('time', { datetime: new Date(request.at).toISOString() }, clock(request.at)),
      h('span', { class: 'request' }, h('b', { class: 'method' }, request.method), ' ', pathOf(request.path)),
      chip(request.verdict, request.verdict),
      h('span', { class: 'why' }, why(request)),
      h('span', { class: 'units' }, unitsOf(request)),
      h('span', { class: `status s${String(request.status)[0]}` }, String(request.status)),
      h('span', { class: 'ms' }, duration(request.ms), timeBar(request)),
    ),
    story(request),
  );
}

/** Allows line breaks after slashes. */
function pathOf(path) {
  const parts = path.split(/(?<=\/)/);
  return h('span', { class: 'path' }, parts.flatMap((part) => [part, h('wbr')]));
}

function why(request) {
  if (request.code) {
    return [h('b', {}, request.code), ` ${request.message ?? ''}`];
  }
  if (request.message) {
    return request.message;
  }
  if (request.verdict === 'cached') {
    return `${request.cache}, ${span(request.age)} old`;
  }
  if (request.verdict === 'forwarded') {
    return `${request.cache === 'miss' ? 'miss, ' : ''}→ ${request.origin}`;
  }
  return request.function ?? request.behaviour ?? '';
}

function unitsOf({ reads, lines }) {
  const sum = (name) => lines.reduce((total, line) => total + (line[name] ?? 0), 0);
  const told = [[reads.length, 'K'], [sum('rru'), 'R'], [sum('wru'), 'W']].filter(([count]) => count);
  return told.map(([count, name]) => `${units(count)}${name}`).join(' ');
}

/** How the time was spent; the bar is full at the request's time, or at 100 ms if that is more. */
function timeBar({ functionMs, originMs, ms }) {
  const bar = h('span', { class: 'time-bar', 'aria-hidden': 'true' });
  const parts = [['f', functionMs], ['o', originMs], ['e', Math.max(0, ms - functionMs - originMs)]];
  const whole = Math.max(100, ms);
  for (const [kind, spent] of parts) {
    const part = h('i', { class: kind });
    part.style.width = `${(100 * spent) / whole}%`;
    bar.append(part);
  }
  return bar;
}

function story(request) {
  const steps = [
    step('viewer', [h('b', { class: 'method' }, request.method), ' ', mono(request.path)], request.id ? ['id ', mono(request.id)] : null),
    behaviourStep(request),
    functionStep(request),
    cacheStep(request),
    originStep(request),
    ...request.lines.map(lineStep),
    step('answer', [`${request.status} after ${duration(request.ms)} ms`], answerNote(request)),
  ];
  return h('ol', { class: 'story' }, steps.filter(Boolean));
}

function step(name, said, note) {
  return h('li', {}, h('b', { class: 'step' }, name), h('div', {}, h('p', {}, said), note ? h('p', { class: 'quiet' }, note) : null));
}

function behaviourStep({ behaviour }) {
  return behaviour ? step('behaviour', [mono(behaviour), ' matches first']) : null;
}

function functionStep({ function: name, engine, functionMs, reads, logged, verdict, originStatus }) {
  if (!name) {
    return null;
  }
  const passed = verdict === 'forwarded' || verdict === 'cached' || originStatus;
  const notes = [
    `${many(reads.length, 'store read')}${reads.length ? ': ' : ''}`,
    ...reads.flatMap((key, place) => [place ? ', ' : '', mono(key)]),
    ...logged.flatMap((line) => [h('br'), 'logged ', mono(line)]),
  ];
  const did = verdict === 'failed' && !passed ? 'failed' : passed ? 'forwarded it' : verdict;
  return step('function', [mono(name), ` on ${engine}: ${did} in ${duration(functionMs)} ms`], notes);
}

function cacheStep({ cache, age }) {
  const said = {
    hit: `hit, ${span(age ?? 0)} old`,
    stale: `stale hit, ${span(age ?? 0)} old: answered with it and refreshed it in the background`,
    miss: 'miss',
  }[cache];
  return said ? step('cache', [said]) : null;
}

function originStep({ origin, originStatus, originMs }) {
  if (!origin) {
    return null;
  }
  const said = originStatus ? `answered ${originStatus} in ${duration(originMs)} ms` : 'could not be reached';
  return step('origin', [mono(origin), ` ${said}`]);
}

function lineStep(line) {
  const spent = [
    line.rru === undefined ? null : `${many(line.rru, 'read unit')} in the emulator`,
    line.rruByRules ? `${units(line.rruByRules)} by DynamoDB’s rules` : null,
    line.wru === undefined ? null : many(line.wru, 'write unit'),
    line.accepted === undefined ? null : line.accepted ? 'accepted' : 'not accepted',
    line.invalidated ? 'cache invalidated' : null,
    line.refused ? `refused: ${line.refused}` : null,
    line.failed ? line.what : null,
  ].filter(Boolean);
  const boards = [line.game, ...(line.periods ?? [line.period])].filter(Boolean).join(' · ');
  return step('lambda', [mono(line.function), ` ${spent.join(', ')}`], boards ? [boards] : null);
}

function answerNote({ code, message }) {
  return code || message ? [code ? [h('b', {}, code), ' '] : null, message].flat().filter(Boolean) : null;
}
