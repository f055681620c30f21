import { chip, h, mono } from '../dom.js';
import { empty } from '../panels.js';
import { bytes, minute, moment, span, whole } from '../words.js';

export default {
  stores: { title: 'Key-value store', needs: 'distribution', show: stores },
  distribution: { title: 'Distribution', show: distribution },
};

function stores({ stores: all }) {
  return all.length ? all.map(store) : empty('No published function reads a key-value store.');
}

function store({ name, readers, entries }) {
  const of = (...kinds) => entries.filter((entry) => kinds.includes(entry.kind));
  const games = Map.groupBy(of('game', 'board'), (entry) => entry.game);
  return h(
    'div',
    { class: 'store' },
    h('p', { class: 'quiet' }, mono(name), ' read by ', readers.map((each) => each.replace('htmlgame-', '')).join(', ')),
    h('h3', {}, 'Token keys'),
    h('ul', { class: 'plain' }, of('key').map(tokenKey)),
    ...[...games].map(([game, boards]) => gameOf(game, boards, of('limits').find((live) => live.game === game))),
    h('h3', {}, 'Bans'),
    of('ban').length ? h('ul', { class: 'plain' }, of('ban').map(ban)) : h('p', { class: 'quiet' }, 'none'),
    ...[of('other', 'corrupt')].filter((left) => left.length).flatMap((left) => [h('h3', {}, 'Other entries'), h('ul', { class: 'plain' }, left.map(other))]),
  );
}

function tokenKey({ key, kid, madeAt, secretCharacters }) {
  return h('li', {}, mono(key), ' ', chip('key', kid), ` created ${moment(madeAt)}, `, h('span', { class: 'quiet' }, `secret of ${secretCharacters} characters`));
}

function ban({ userId, note }) {
  return h('li', {}, chip('failed', 'ban'), ' ', mono(userId), ' ', h('span', { class: 'quiet' }, note));
}

function other({ key, bytes: size, problem }) {
  return h('li', {}, mono(key), ' ', problem ? h('span', { class: 'problem' }, problem) : h('span', { class: 'quiet' }, `${bytes(size)}, not shown`));
}

function gameOf(game, entries, live) {
  const [any] = entries;
  const narrowed = Object.entries(live?.set ?? {}).map(([name, value]) => `${name} ${whole(value)}`).join(', ');
  return h(
    'div',
    {},
    h('h3', {}, game, h('small', {}, ` ${any.order.map(([key, way]) => `${key} ${way === 'desc' ? '↓' : '↑'}`).join(', ')} · top ${any.topN} · ${any.identity}`)),
    narrowed ? h('p', {}, chip('refused', 'live limits'), ` ${narrowed}`, h('small', {}, ` since ${moment(Date.parse(live.at))}`)) : null,
    h('ul', { class: 'thresholds' }, entries.filter((entry) => entry.period).map(threshold)),
  );
}

const WINDOWS = { open: 'active', over: 'ended', 'to come': 'future' };

function threshold(entry) {
  const judging = entry.last && entry.window === 'open';
  const kind = judging ? 'refused' : 'cached';
  const state = entry.last ? WINDOWS[entry.window] ?? 'active' : 'room';
  const times = entry.until ? `${minute(entry.from)} – ${minute(entry.until)}` : '';
  return h(
    'li',
    {},
    h('b', {}, entry.period),
    chip(kind, state),
    h('span', { class: judging ? null : 'quiet' }, entry.meaning, times ? h('small', {}, ` ${times}`) : null),
  );
}

function distribution({ distribution: live }) {
  const facts = [`${live.id} · ${live.status.toLowerCase()}${live.enabled ? '' : ' · disabled'} · changed ${moment(live.changedAt)}`];
  return [
    h('p', { class: 'quiet' }, ...facts),
    h('ol', { class: 'behaviours' }, live.behaviours.map(behaviour)),
    h('h3', {}, 'Origins'),
    h('ul', { class: 'plain' }, live.origins.map(origin)),
  ];
}

function behaviour({ pattern, origin: to, originExists, functions, cache, originRequest, methods }) {
  const ttl = cache.ttl ? ` by ${cache.by.parameters} up to ${span(cache.ttl[2])}` : '';
  return h(
    'li',
    {},
    h('div', {}, mono(pattern), ' ', ...functions.map((each) => chip('answered', each.name.replace('htmlgame-', '')))),
    h(
      'div',
      { class: 'quiet' },
      '→ ',
      to,
      originExists ? null : chip('failed', 'missing'),
      ` · cache ${cache.name}${ttl}`,
      originRequest ? ` · forwards ${originRequest.name}` : '',
      methods.length > 2 ? ' · writes' : '',
      cache.problem ? h('span', { class: 'problem' }, ` ${cache.problem}`) : null,
    ),
  );
}

function origin({ id, domain, path, addsHeaders }) {
  const adds = addsHeaders.length ? ` · adds ${addsHeaders.join(', ')}` : '';
  return h('li', {}, mono(id), h('div', { class: 'quiet' }, `${domain}${path}${adds}`));
}
