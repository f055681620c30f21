import { byId, h, renew, svg } from './dom.js';
import { showPanels } from './panels.js';
import { VERDICTS, clearFilter, filterBy, showFiles, showRequests, toggle } from './requests.js';
import { clock, many, units, whole } from './words.js';

const EVERY_MS = 1000;
const PULSE_SECONDS = 90;

let paused = false;
let timer = 0;
let seenAt = 0;
let latest = null;

async function refresh() {
  clearTimeout(timer);
  try {
    const answer = await fetch('/status.json', {
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(10_000),
    });
    if (!answer.ok) {
      throw Error((await answer.text()).trim());
    }
    await show(await answer.json());
  } catch (problem) {
    showGone(problem);
  }
  schedule();
}

function schedule() {
  clearTimeout(timer);
  if (!paused && !document.hidden) {
    timer = setTimeout(refresh, EVERY_MS);
  }
}

async function show(report) {
  const first = latest === null;
  latest = report;
  seenAt = Date.now();
  showTally(report);
  showPulse(report.requests);
  showRequests(report.requests, first);
  await showPanels(report);
  if (report.cloud.unreachable) {
    const asOf = report.cloud.at ? ` Showing data from ${clock(report.cloud.at * 1000)}.` : '';
    say('stopped', 'cloud stopped', [`The local cloud at ${report.cloud.url} does not answer.${asOf} `, 'Start it with ', h('code', {}, 'make dev'), '.']);
  } else if (!paused) {
    say('live', 'live');
  }
}

function showGone(problem) {
  const asOf = seenAt ? ` Showing data from ${clock(seenAt)}.` : '';
  say('gone', 'edge stopped', [`The local edge does not answer: ${problem.message}.${asOf} `, 'Start it with ', h('code', {}, 'make dev'), '.']);
}

function say(state, word, banner) {
  document.body.dataset.state = state;
  renew(byId('state'), word, () => word);
  byId('banner').hidden = !banner;
  renew(byId('banner'), (banner ?? []).map((part) => part.textContent ?? part), () => banner ?? []);
}

function showTally({ edge, spent }) {
  for (const button of byId('verdicts').children) {
    button.querySelector('b').textContent = whole(edge.verdicts[button.dataset.verdict] ?? 0);
  }
  const all = Object.values(edge.verdicts).reduce((sum, count) => sum + count, 0);
  const sum = (name) => (spent ?? []).reduce((total, each) => total + each[name], 0);
  const figures = [
    ['handled at the edge', all ? `${Math.max(0, Math.round(100 * (1 - edge.originRequests / all)))} %` : '–', `${whole(edge.originRequests)} of ${many(all, 'request')} forwarded`],
    ['read units', units(sum('rruByRules')), `${units(sum('rru'))} in the emulator`],
    ['write units', units(sum('wru')), ''],
    ['store reads', whole(edge.storeReads), ''],
  ];
  renew(byId('figures'), figures, () => figures.map(([name, value, note]) => h('div', {}, h('dt', {}, name), h('dd', {}, value, note ? h('small', {}, note) : null))));
}

/** The last 90 seconds, with a bar for each. */
function showPulse(requests) {
  const now = Math.floor(Date.now() / 1000);
  const seconds = new Map();
  for (const { at, verdict } of requests) {
    const ago = now - Math.floor(at / 1000);
    if (ago >= 0 && ago < PULSE_SECONDS) {
      seconds.set(ago, [...(seconds.get(ago) ?? []), verdict]);
    }
  }
  const highest = Math.max(4, ...[...seconds.values()].map((each) => each.length));
  const bars = [...seconds].flatMap(([ago, verdicts]) =>
    verdicts.sort().map((verdict, level) =>
      svg('rect', { class: verdict, x: PULSE_SECONDS - 1 - ago + 0.1, width: 0.8, y: highest - level - 1, height: 1 }),
    ),
  );
  const label = `${many(requests.filter(({ at }) => now - at / 1000 < PULSE_SECONDS).length, 'request')} in ${PULSE_SECONDS} s`;
  renew(byId('pulse'), [[...seconds], now], () => [
    svg('svg', { viewBox: `0 0 ${PULSE_SECONDS} ${highest}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label }, ...bars),
    h('figcaption', {}, label),
  ]);
}

function makeVerdicts() {
  byId('verdicts').append(
    ...Object.entries(VERDICTS).map(([verdict, how]) => {
      const button = h('button', { type: 'button', class: verdict, 'aria-pressed': 'false', title: how, 'data-verdict': verdict }, h('b', {}, '0'), ' ', verdict);
      button.addEventListener('click', () => button.setAttribute('aria-pressed', String(toggle(verdict))));
      return button;
    }),
  );
}

function pause() {
  paused = !paused;
  byId('pause').textContent = paused ? 'Resume' : 'Pause';
  if (paused) {
    clearTimeout(timer);
    say('paused', `paused at ${clock(seenAt || Date.now())}`);
  } else {
    refresh();
  }
}

function pressed(button) {
  const now = button.getAttribute('aria-pressed') !== 'true';
  button.setAttribute('aria-pressed', String(now));
  return now;
}

function showAll() {
  byId('filter').value = '';
  clearFilter();
  byId('files').setAttribute('aria-pressed', 'true');
  for (const button of byId('verdicts').children) {
    button.setAttribute('aria-pressed', 'false');
  }
  byId('filter').focus();
}

makeVerdicts();
byId('pause').addEventListener('click', pause);
byId('files').addEventListener('click', () => showFiles(pressed(byId('files'))));
byId('filter').addEventListener('input', (event) => filterBy(event.target.value));
document.addEventListener('show-all', showAll);
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && !event.target.matches('input')) {
    event.preventDefault();
    byId('filter').focus();
  }
});
document.addEventListener('visibilitychange', () => (document.hidden || paused ? clearTimeout(timer) : refresh()));
refresh();
