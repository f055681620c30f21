import { h, mono } from '../dom.js';
import { empty, table } from '../panels.js';
import { bytes, clock, span, units, whole } from '../words.js';

export default {
  boards: { title: 'Boards', show: boards },
  invalidations: { title: 'Invalidations', reads: ['invalidations', 'ledger'], show: invalidations },
};

function boards({ boards: all }) {
  if (!all.length) {
    return empty('No board has any scores.');
  }
  return table(
    ['board', 'rows', 'size', 'units'],
    all.map((each) => [mono(each.game ? `${each.game} ${each.period}` : each.key), fullness(each.rows, each.topN), bytes(each.bytes), units(each.units)]),
  );
}

function fullness(rows, most) {
  if (!most) {
    return whole(rows);
  }
  const said = `${whole(rows)} / ${whole(most)}`;
  return [h('meter', { min: 0, max: most, value: Math.min(rows, most), 'aria-label': said }), ` ${said}`];
}

function invalidations({ invalidations: all, ledger }) {
  const months = (ledger ?? []).map(({ month, spent: paths, budget, windowSeconds }) =>
    h('p', {}, h('meter', { min: 0, max: budget, value: paths, 'aria-label': `${month}: ${paths} of ${budget}` }), ` ${month}: ${whole(paths)} of ${whole(budget)} paths`, h('span', { class: 'quiet' }, `, at most one per game in ${span(windowSeconds)}`)),
  );
  const list = all.map(({ at, paths, status }) => h('li', {}, h('time', {}, clock(at)), ' ', ...paths.map(mono), ' ', h('span', { class: 'quiet' }, status.toLowerCase())));
  return [...months, list.length ? h('ul', { class: 'plain' }, list) : empty('No invalidations yet.')];
}
