import { byId, chip, h, mono, renew } from './dom.js';
import { duration, moment, units, whole } from './words.js';

const SHARED_FIRST = { spent: { title: 'Request units', show: spent } };
const SHARED_LAST = { stacks: { title: 'Stacks', show: stacks } };

let panels = null;

/** Shows the shared panels and, between them, those of the capabilities that have any. */
export async function showPanels(report) {
  panels ??= load(report.panels).catch((problem) => {
    panels = null;
    throw problem;
  });
  for (const [name, panel] of Object.entries(await panels)) {
    show(name, panel, report);
  }
}

async function load(capabilities) {
  const own = await Promise.all(capabilities.map((name) => import(`./panels/${name}.js`)));
  const all = Object.assign({}, SHARED_FIRST, ...own.map((module) => module.default), SHARED_LAST);
  byId('panels').replaceChildren(
    ...Object.entries(all).map(([name, { title }]) =>
      h('section', { class: 'panel', id: name }, h('h2', {}, title), h('div', { class: 'content' })),
    ),
  );
  return all;
}

function show(name, panel, report) {
  const content = byId(name).querySelector('.content');
  const read = (panel.reads ?? [name]).map((part) => report[part]);
  const problem = report.problems[name] ?? report.problems[panel.needs];
  renew(content, [read, problem], () => {
    if (problem) {
      return h('p', { class: 'problem' }, problem);
    }
    return read[0] === null ? empty('No data yet.') : panel.show(report);
  });
}

export function empty(...content) {
  return h('p', { class: 'empty' }, ...content);
}

export function table(heads, rows, foot) {
  const row = (cell, cells, extra) =>
    h('tr', extra ?? {}, cells.map((content, place) => h(cell, { class: place ? 'n' : null, scope: cell === 'th' ? 'col' : null }, content)));
  return h(
    'div',
    // A phone's keyboard can scroll it.
    { class: 'wide', tabindex: 0 },
    h('table', {}, h('thead', {}, row('th', heads)), h('tbody', {}, rows.map((cells) => row('td', cells))), foot ? h('tfoot', {}, row('td', foot)) : null),
  );
}

function spent({ spent: functions }) {
  if (!functions.length) {
    return empty('No Lambda has answered since the edge started.');
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
    h('p', { class: 'quiet' }, 'Read: what the emulator counts, half a unit for any Query. By rules: what DynamoDB’s published rules bill, with the board’s size when the line was read.'),
  ];
}

function stacks({ stacks: all }) {
  return all.length ? all.map(stack) : empty('Nothing is deployed. Run ', mono('make dev'), '.');
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
