// Statistics of a project by day, refreshed while the page is visible.

import { el } from '../ui/dom.js';
import { clock, language, number, t } from '../ui/i18n.js';
import { chart } from './charts.js';
import { failure, note } from './parts.js';

const RANGES = [7, 30, 90];
const LOOK_MS = 10_000;
const DAY_MS = 86_400_000;

let range = 30;

export class Statistics {
  #timer = null;
  #at = null;
  #open = new Set();
  #drawn = '';

  constructor(root, workspace, { project }) {
    this.session = workspace.session;
    this.project = project;
    const choices = RANGES.map((days) =>
      el('button', { type: 'button', class: 'quiet', 'aria-pressed': String(days === range), onclick: () => this.#choose(days) }, t('days', { n: days })),
    );
    this.choices = el('div', { class: 'row ranges', role: 'group', 'aria-label': t('range') }, ...choices);
    this.fresh = el('p', { class: 'fresh' });
    this.body = el('div', { class: 'statistics', 'aria-busy': 'true' }, note('loading'));
    root.append(el('div', { class: 'row spread' }, this.choices, this.fresh), this.body);
    this.load();
  }

  close() {
    clearTimeout(this.#timer);
    this.closed = true;
  }

  #choose(days) {
    range = days;
    [...this.choices.children].forEach((choice, place) => choice.setAttribute('aria-pressed', RANGES[place] === days));
    this.load();
  }

  async load() {
    clearTimeout(this.#timer);
    const asked = range;
    const to = day(Date.now());
    const from = day(Date.now() - (asked - 1) * DAY_MS);
    try {
      if (!document.hidden) {
        const summary = await this.session.ask('GET', `/analytics/summary?projectId=${this.project.id}&from=${from}&to=${to}`);
        if (this.closed || asked !== range) return;
        this.#at = new Date();
        this.#draw(summary, every(from, asked));
      }
    } catch (error) {
      if (this.closed) return;
      // Keep showing the data that was loaded before.
      this.#drawn = '';
      if (!this.#at) this.body.replaceChildren(failure(error, () => this.load()));
      else this.fresh.textContent = t('stale', { time: clock(this.#at) });
    }
    this.#timer = setTimeout(() => this.load(), LOOK_MS);
  }

  #draw({ total, days }, dates) {
    this.fresh.textContent = t('fresh', { time: clock(this.#at) });
    // Redrawing would scroll and close what the creator is reading.
    const news = JSON.stringify([total, days, dates]);
    if (news === this.#drawn) return;
    this.#drawn = news;
    this.body.removeAttribute('aria-busy');
    const by = new Map(days.map((each) => [each.day, each]));
    const told = Boolean(days.length);
    this.#keepOpen();
    this.body.replaceChildren(
      ...(told ? [] : [this.#howTo()]),
      el('dl', { class: 'tiles' }, ...tiles(total)),
      chart({ title: 'sessions', broad: true, head: ['day', 'sessions'], rows: daily(dates, (each) => by.get(each)?.sessions ?? 0) }),
      chart({ title: 'scores', head: ['day', 'scores'], rows: daily(dates, (each) => by.get(each)?.scores.count ?? 0) }),
      chart({ title: 'scores.spread', head: ['points', 'times'], rows: spread(total.scores), about: mean(total.scores, '') }),
      chart({ title: 'events', kind: 'bars', head: ['event', 'times'], rows: named(total.events) }),
      chart({ title: 'lengths', head: ['seconds.unit', 'times'], rows: spread(total.sessionSeconds), about: mean(total.sessionSeconds, 'seconds') }),
    );
    for (const figure of this.body.querySelectorAll('figure')) {
      if (this.#open.has(figure.querySelector('h3').textContent)) figure.querySelector('details').open = true;
    }
  }

  /** Tables that are open stay open when new data arrives. */
  #keepOpen() {
    const open = [...this.body.querySelectorAll('details[open]')];
    this.#open = new Set(open.map((each) => each.closest('figure').querySelector('h3').textContent));
  }

  #howTo() {
    const code = `connectTelemetry({ projectId: '${this.project.id}' })`;
    return el('div', { class: 'card' }, el('h2', {}, t('statistics.none')), el('p', {}, t('statistics.how')), el('pre', {}, el('code', {}, code)));
  }
}

function tiles({ sessions, players, events, scores }) {
  const happened = Object.values(events).reduce((sum, count) => sum + count, 0);
  const facts = [
    ['sessions', number(sessions)],
    ['players', `≈ ${number(players)}`],
    ['events', number(happened)],
    ['best', scores.max === null ? '–' : number(scores.max)],
  ];
  return facts.map(([name, value]) => el('div', {}, el('dt', {}, t(name)), el('dd', {}, value)));
}

const day = (ms) => new Date(ms).toISOString().slice(0, 10);

function every(from, count) {
  return Array.from({ length: count }, (_, place) => day(Date.parse(from) + place * DAY_MS));
}

function daily(dates, value) {
  const short = new Intl.DateTimeFormat(language(), { month: 'short', day: 'numeric', timeZone: 'UTC' });
  return dates.map((date, place) => ({ label: short.format(Date.parse(date)), value: value(date), latest: place === dates.length - 1 }));
}

const named = (events) =>
  Object.entries(events)
    .map(([label, value]) => ({ label, value }))
    .sort((a, b) => b.value - a.value);

const spread = ({ histogram }) =>
  histogram.map(({ from, to, count }) => ({ label: from === to ? number(from) : `${number(from)}–${number(to)}`, value: count }));

function mean({ count, mean: value }, unit) {
  if (!count) return '';
  const n = number(Math.round(value * 10) / 10);
  return t('mean', { n: unit ? t(unit, { n }) : n });
}
