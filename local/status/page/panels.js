import { byId, chip, h, mono, renew } from './dom.js';
import { bytes, clock, duration, minute, moment, span, units, whole } from './words.js';

export function showPanels(told) {
  panel('spent', told.spent, told.problems.spent, () => spent(told.spent));
  panel('stores', told.stores, told.problems.stores ?? told.problems.distribution, () => stores(told.stores));
  panel('distribution', told.distribution, told.problems.distribution, () => distribution(told.distribution));
  panel('boards', [told.boards, limits(told)], told.problems.boards, () => boards(told.boards, limits(told)));
  panel('invalidations', [told.invalidations, told.ledger], told.problems.invalidations ?? told.problems.distribution, () => invalidations(told.invalidations, told.ledger ?? []));
  panel('stacks', told.stacks, told.problems.stacks, () => stacks(told.stacks));
}

function panel(name, told, problem, make) {
  const content = byId(name).querySelector('.content');
  const missing = [told].flat()[0] === null;
  renew(content, [told, problem], () => {
    if (problem) {
      return h('p', { class: 'problem' }, problem);
    }
    return missing ? empty('Not seen yet.') : make();
  });
}

function empty(...said) {
  return h('p', { class: 'empty' }, ...said);
}

function table(heads, rows, foot) {
  const row = (cell, cells, extra) =>
    h('tr', extra ?? {}, cells.map((content, place) => h(cell, { class: place ? 'n' : null, scope: cell === 'th' ? 'col' : null }, content)));
  return h(
    'div',
    { class: 'wide' },
    h('table', {}, h('thead', {}, row('th', heads)), h('tbody', {}, rows.map((cells) => row('td', cells))), foot ? h('tfoot', {}, row('td', foot)) : null),
  );
}

function spent(functions) {
  if (!functions.length) {
    return empty('No function has answered since the edge started.');
  }
  const sum = (name) => functions.reduce((total, each) => total + each[name], 0);
  const rows = functions.map((each) => [
    [mono(each.function.replace('htmlgame-', '')), each.failures ? chip('failed', `${each.failures} failed`) : null],
    whole(each.requests),
    units(each.rru),
    units(each.rruByRules),
    units(each.wru),
    each.requests ? duration(each.ms / each.requests) : '–',
  ]);
  const total = ['all', whole(sum('requests')), units(sum('rru')), units(sum('rruByRules')), units(sum('wru')), ''];
  return [
    table(['function', 'calls', 'read', 'by rules', 'write', 'ms'], rows, total),
    h('p', { class: 'quiet' }, 'Read: as the emulator counts, half a unit for any Query. By rules: as DynamoDB’s published rules have it, of boards as large as they were when the line was read.'),
  ];
}

function stores(all) {
  return all.length ? all.map(store) : empty('No published function reads a store.');
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
    ...[of('other', 'corrupt')].filter((left) => left.length).flatMap((left) => [h('h3', {}, 'Others'), h('ul', { class: 'plain' }, left.map(other))]),
  );
}

function tokenKey({ key, kid, madeAt, secretCharacters }) {
  return h('li', {}, mono(key), ' ', chip('key', kid), ` made ${moment(madeAt)}, `, h('span', { class: 'quiet' }, `${secretCharacters} secret characters`));
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
    narrowed ? h('p', {}, chip('refused', 'narrowed'), ` ${narrowed}`, h('small', {}, ` since ${moment(Date.parse(live.at))}`)) : null,
    h('ul', { class: 'thresholds' }, entries.filter((entry) => entry.period).map(threshold)),
  );
}

const WINDOWS = { open: 'judging', over: 'over', 'to come': 'to come' };

function threshold(entry) {
  const judging = entry.last && entry.window === 'open';
  const kind = judging ? 'refused' : 'cached';
  const state = entry.last ? WINDOWS[entry.window] ?? 'judging' : 'room';
  const times = entry.until ? `${minute(entry.from)} – ${minute(entry.until)}` : '';
  return h(
    'li',
    {},
    h('b', {}, entry.period),
    chip(kind, state),
    h('span', { class: judging ? null : 'quiet' }, entry.meaning, times ? h('small', {}, ` ${times}`) : null),
  );
}

function distribution(told) {
  const facts = [`${told.id} · ${told.status.toLowerCase()}${told.enabled ? '' : ' · disabled'} · changed ${moment(told.changedAt)}`];
  return [
    h('p', { class: 'quiet' }, ...facts),
    h('ol', { class: 'behaviours' }, told.behaviours.map(behaviour)),
    h('h3', {}, 'Origins'),
    h('ul', { class: 'plain' }, told.origins.map(origin)),
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
      originRequest ? ` · sends ${originRequest.name}` : '',
      methods.length > 2 ? ' · writes' : '',
      cache.problem ? h('span', { class: 'problem' }, ` ${cache.problem}`) : null,
    ),
  );
}

function origin({ id, domain, path, addsHeaders }) {
  const adds = addsHeaders.length ? ` · adds ${addsHeaders.join(', ')}` : '';
  return h('li', {}, mono(id), h('div', { class: 'quiet' }, `${domain}${path}${adds}`));
}

function limits(told) {
  const games = (told.stores ?? []).flatMap((each) => each.entries).filter((entry) => entry.topN);
  return Object.fromEntries(games.map((entry) => [entry.game, entry.topN]));
}

function boards(all, topN) {
  if (!all.length) {
    return empty('Nobody is on any board.');
  }
  return table(
    ['board', 'rows', 'size', 'units a read'],
    all.map((each) => [mono(each.game ? `${each.game} ${each.period}` : each.key), fullness(each.rows, topN[each.game]), bytes(each.bytes), units(each.units)]),
  );
}

function fullness(rows, most) {
  if (!most) {
    return whole(rows);
  }
  const said = `${whole(rows)} / ${whole(most)}`;
  return [h('meter', { min: 0, max: most, value: Math.min(rows, most), 'aria-label': said }), ` ${said}`];
}

function invalidations(all, ledger) {
  const months = ledger.map(({ month, spent: paths, budget, windowSeconds }) =>
    h('p', {}, h('meter', { min: 0, max: budget, value: paths, 'aria-label': `${month}: ${paths} of ${budget}` }), ` ${month}: ${whole(paths)} of ${whole(budget)} paths`, h('span', { class: 'quiet' }, `, one a game in ${span(windowSeconds)}`)),
  );
  const list = all.map(({ at, paths, status }) => h('li', {}, h('time', {}, clock(at)), ' ', ...paths.map(mono), ' ', h('span', { class: 'quiet' }, status.toLowerCase())));
  return [...months, list.length ? h('ul', { class: 'plain' }, list) : empty('None was asked for.')];
}

function stacks(all) {
  return all.length ? all.map(stack) : empty('Nothing is deployed: ', mono('make dev'));
}

function stack({ name, status, at, reason, outputs, parameters }) {
  const kind = !status ? '' : /ROLLBACK|FAILED/.test(status) ? 'failed' : /PROGRESS/.test(status) ? 'refused' : 'cached';
  const facts = [...(outputs ?? []), ...parameters];
  return h(
    'details',
    { 'data-key': name ?? 'others', class: 'stack' },
    h('summary', {}, h('b', {}, name ?? 'other parameters'), status ? chip(kind, status.toLowerCase().replaceAll('_', ' ')) : null, at ? h('time', {}, moment(at)) : null),
    reason ? h('p', { class: 'problem' }, reason) : null,
    facts.length ? h('dl', {}, facts.flatMap((each) => [h('dt', {}, each.name), h('dd', {}, each.value ?? '(not shown)')])) : h('p', { class: 'quiet' }, 'no outputs'),
  );
}
