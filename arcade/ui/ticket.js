// The ticket of a play: punched, verified, ranked, or the reason why not.

import { worth } from './board.js';
import { el } from './dom.js';
import { number, ordinal, seconds, spoken, t } from './i18n.js';

const REFUSALS = {
  bad_token: 'changed',
  bad_signature: 'changed',
  bad_session: 'changed',
  malformed: 'changed',
  play_already_submitted: 'used',
  play_over: 'used',
  play_time_mismatch: 'time',
  clock_backwards: 'time',
  grace_over: 'late',
  token_expired: 'late',
  period_closed: 'late',
  out_of_limits: 'limits',
  bad_user_key: 'player',
  bad_origin: 'player',
  banned: 'banned',
  bad_name: 'name',
};

const STAMPED = ['ranked', 'kept', 'short'];

export class Ticket {
  #state = 'blank';
  #facts = {};

  constructor(root, { game }) {
    this.game = game;
    this.body = el('div', { class: 'stub', 'aria-live': 'polite', 'aria-atomic': 'true' });
    this.stamp = el('p', { class: 'stamp', 'aria-hidden': 'true', 'data-t': 'stamp' });
    const what = el('summary', { 'data-t': 'stamp.what' });
    this.more = el('details', {}, what, el('p', { 'data-t': 'stamp.more' }));
    root.append(this.body, this.stamp, this.more);
    this.root = root;
    spoken(() => this.#draw());
  }

  show(state, facts = {}) {
    this.#state = state;
    this.#facts = facts;
    this.#draw();
  }

  get state() {
    return this.#state;
  }

  #draw() {
    const { headline, lines, action } = SAID[this.#state](this.#facts);
    this.root.dataset.state = this.#state;
    this.root.toggleAttribute('data-stamped', STAMPED.includes(this.#state));
    const stub = el('p', { class: 'kind' }, el('span', {}, t('ticket')), el('span', {}, t(this.game)));
    const said = lines.filter(Boolean).map((line) => el('p', {}, line));
    this.body.replaceChildren(stub, el('h2', {}, headline), ...said, this.#list() ?? '', action ?? '');
    this.stamp.textContent = t('stamp');
  }

  #list() {
    const { score, timeMs, signature, player } = this.#facts;
    const facts = [
      [t('player'), player && el('bdi', {}, player)],
      [t('points'), this.game !== 'minesweeper' && score != null && number(score)],
      [t('stamp.time'), STAMPED.includes(this.#state) && seconds(timeMs)],
      [t('stamp.mark'), signature && el('code', {}, `${signature.slice(0, 8)}…${signature.slice(-4)}`)],
    ];
    const pairs = facts.filter(([, value]) => value).map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value)));
    return pairs.length ? el('dl', {}, ...pairs) : null;
  }
}

const SAID = {
  blank: () => ({ headline: t('ticket.blank'), lines: [t('ticket.blank.more')] }),
  punching: () => ({ headline: t('starting'), lines: [] }),
  punched: () => ({ headline: t('ticket.punched'), lines: [t('ticket.punched.more')] }),
  practice: () => ({ headline: t('ticket.unranked'), lines: [t('practice')] }),
  unranked: () => ({ headline: t('ticket.unranked'), lines: [t('ticket.unranked.more')] }),
  lost: () => ({ headline: t('lost'), lines: [t('ticket.lost')] }),
  nothing: () => ({ headline: t('over'), lines: [t('ticket.nothing')] }),
  sending: ({ again }) => ({ headline: t('ticket.sending'), lines: [again && t('ticket.again')] }),
  waiting: () => ({ headline: t('ticket.waiting'), lines: [t('ticket.waiting.more')] }),
  ranked: ({ ranks: [first, ...others] }) => ({ headline: ranked('ticket.ranked', first), lines: [inEach(others)] }),
  kept: ({ best, rank, order }) => ({
    headline: t('ticket.kept'),
    lines: [best ? t('ticket.kept.more', { value: worth(order, best), rank: ordinal(rank) }) : t('ticket.kept.plain')],
  }),
  short: (facts) => ({ headline: t('ticket.short'), lines: [shortOf(facts)] }),
  refused: ({ code }) => ({
    headline: t('ticket.refused'),
    lines: [t(`refused.${REFUSALS[code] ?? 'else'}`, { code })],
  }),
  fault: ({ retry }) => ({
    headline: t('ticket.fault'),
    lines: [t('fault.more')],
    action: el('button', { type: 'button', onclick: retry }, t('ticket.retry')),
  }),
};

const ranked = (words, { kind, rank }) => t(words, { period: t(kind), rank: ordinal(rank) });

const inEach = (ranks) => ranks.map((each) => ranked('ticket.ranked.more', each)).join(' · ');

function shortOf({ best, needed, order }) {
  if (!needed) return t('ticket.short.plain');
  return t('ticket.short.best', { best: worth(order, best), needed: worth(order, needed) });
}
