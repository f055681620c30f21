// A game's leaderboard: tabs for the periods, a table, and a message if there is no data.

import { el, kept } from './dom.js';
import { clock, number, periodName, seconds, spoken, t } from './i18n.js';
import { kindOf, merged, refreshed, standing } from './standing.js';

const SHOWN = 10;
// The player's own row is shown below the top rows if its rank is lower.
const BESIDE_OWN = 2;
// The ranking is cached for ten minutes, so asking more often brings nothing new.
const OLD_MS = 5 * 60_000;
const LOOK_MS = 30_000;
// A cached ranking may lack the player's own entry for this long; the page adds it.
const UNSEEN_MS = 12 * 60_000;

/** An entry's main value in this game: points or time. */
export function worth(order, entry) {
  return order[0][0] === 'timeMs' ? seconds(entry.timeMs) : number(entry.score);
}

/** The mark of an entry whose name looks like another one on its board; null for other entries. */
export function alike({ lookalike }) {
  return lookalike ? el('span', { class: 'alike', title: t('alike.more') }, t('alike')) : null;
}

export class Board {
  #game;
  #root;
  #periods;
  #period;
  #boards = {};
  #whole = false;
  #busy = false;
  #lit = null;

  constructor(root, { game, periods }) {
    this.#root = root;
    this.#game = game;
    this.#periods = periods;
    this.#period = periods[0];
    this.#frame();
    spoken(() => this.#draw());
    addEventListener('online', () => this.#look());
    document.addEventListener('visibilitychange', () => this.#look());
    setInterval(() => this.#look(), LOOK_MS);
    this.load();
  }

  /** The board does not change during a play. */
  set busy(busy) {
    this.#busy = busy;
    if (!busy) this.#look();
  }

  async load(period = this.#period) {
    const state = (this.#boards[period] ??= {});
    if (state.loading) return;
    Object.assign(state, { loading: true, failed: false });
    this.#draw();
    try {
      state.ranking = await this.#game.ranking(period);
      Object.assign(state, { at: Date.now(), partial: false });
      this.#addUnseen(state.ranking);
    } catch (error) {
      state.failed = true;
    }
    state.loading = false;
    this.#draw();
  }

  /** Applies the boards in the answer to a submission, which are newer than any ranking. */
  settle(result) {
    for (const [id, { top, best, accepted }] of Object.entries(result.boards)) {
      const state = (this.#boards[kindOf(id)] ??= {});
      if (state.ranking?.period !== id && !this.#order) continue;
      const known = state.ranking?.period === id ? state.ranking : this.#blank(id);
      const ranking = { ...known, items: refreshed(known, top, best) };
      Object.assign(state, { ranking, at: Date.now(), failed: false, partial: state.partial || known !== state.ranking });
      if (best && accepted) this.#remember(id, best);
    }
    this.#lit = this.#game.player.id;
    this.#draw();
  }

  unlight() {
    this.#lit = null;
    this.#draw();
  }

  /** The rank of a play with these values on the shown board; null if no board is loaded. */
  standing(play) {
    const ranking = this.#boards[this.#period]?.ranking;
    if (!ranking?.items.length) return null;
    const { rank, next } = standing(ranking.order, ranking.items, { ...play, userId: this.#game.player.id });
    return { rank, next: next && { name: next.userName, value: worth(ranking.order, next) } };
  }

  get period() {
    return this.#period;
  }

  get #order() {
    return Object.values(this.#boards).find((state) => state.ranking)?.ranking.order;
  }

  #blank(period) {
    return { period, order: this.#order, topN: 100, items: [], updatedAt: null };
  }

  #remember(id, entry) {
    kept.set(`unseen.${this.#game.id}.${id}`, JSON.stringify(entry));
  }

  #addUnseen(ranking) {
    const unseen = JSON.parse(kept.get(`unseen.${this.#game.id}.${ranking.period}`));
    const recent = unseen && Date.now() - Date.parse(unseen.updatedAt) < UNSEEN_MS;
    if (recent && unseen.userId === this.#game.player.id) ranking.items = merged(ranking, [unseen]);
  }

  #look() {
    const state = this.#boards[this.#period];
    const old = state?.failed || state?.partial || Date.now() - (state?.at ?? 0) > OLD_MS;
    if (old && !this.#busy && document.visibilityState === 'visible') this.load();
  }

  #choose(period) {
    this.#period = period;
    this.#whole = false;
    this.#draw();
    // During a play, too: the player asked for it.
    if (this.#boards[period]?.ranking) this.#look();
    else this.load();
  }

  #frame() {
    this.tabs = this.#periods.map((period) =>
      el('button', {
        type: 'button',
        role: 'tab',
        id: `tab-${period}`,
        'aria-controls': 'panel',
        'data-t': period,
        onclick: () => this.#choose(period),
      }),
    );
    const list = el('div', { role: 'tablist', 'data-t-label': 'board', onkeydown: (event) => this.#walk(event) });
    list.append(...this.tabs);
    this.panel = el('div', { role: 'tabpanel', id: 'panel', tabindex: 0 });
    this.#root.append(el('h2', { 'data-t': 'board' }), list, this.panel);
  }

  #walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = this.#periods.indexOf(this.#period) + step;
    const next = (at + this.#periods.length) % this.#periods.length;
    this.#choose(this.#periods[next]);
    this.tabs[next].focus();
  }

  #draw() {
    this.tabs.forEach((tab, index) => {
      const chosen = this.#periods[index] === this.#period;
      tab.setAttribute('aria-selected', chosen);
      tab.tabIndex = chosen ? 0 : -1;
      tab.textContent = t(this.#periods[index]);
    });
    const state = this.#boards[this.#period] ?? { loading: true };
    this.panel.setAttribute('aria-labelledby', `tab-${this.#period}`);
    this.panel.setAttribute('aria-busy', Boolean(state.loading && !state.ranking));
    this.panel.replaceChildren(...this.#content(state));
  }

  #content({ ranking, failed, at }) {
    if (!ranking) return failed ? [this.#note('board.failed')] : [waitingRows()];
    if (!ranking.items.length) return [periodLine(ranking), this.#note('board.empty')];
    const old = failed && el('p', { class: 'old' }, t('board.old', { time: clock(at) }), ' ', this.#retry());
    const note = ranking.items.some((item) => item.lookalike) ? el('p', { class: 'alikes' }, t('alike.note')) : '';
    return [periodLine(ranking), this.#table(ranking), note, this.#foot(ranking, at), old || ''];
  }

  #note(name) {
    const retry = name === 'board.failed' ? this.#retry() : null;
    const more = el('p', {}, t(`${name}.more`));
    return el('div', { class: 'nobody', role: 'status' }, el('p', {}, el('b', {}, t(name))), more, retry);
  }

  #retry() {
    return el('button', { type: 'button', class: 'quiet', onclick: () => this.load() }, t('board.retry'));
  }

  #table(ranking) {
    const columns = columnsOf(ranking.order);
    const heads = ['rank', 'name', ...columns].map((name) => el('th', { scope: 'col', class: name }, t(COLUMN[name])));
    const caption = t('board.caption', { game: t(ranking.gameId ?? this.#game.id), period: t(this.#period) });
    return el(
      'table',
      {},
      el('caption', { class: 'unseen' }, caption),
      el('thead', {}, el('tr', {}, ...heads)),
      el('tbody', {}, ...this.#rows(ranking.items, columns)),
    );
  }

  #rows(items, columns) {
    const own = items.find((item) => item.userId === this.#game.player.id);
    const far = own && own.rank > SHOWN;
    const shown = this.#whole ? items : items.slice(0, far ? SHOWN - BESIDE_OWN : SHOWN);
    const rows = shown.map((item) => this.#row(item, columns, item === own));
    if (own && !shown.includes(own)) {
      rows.push(el('tr', { class: 'gap' }, el('td', { colspan: columns.length + 2, 'aria-hidden': 'true' }, '⋮')));
      rows.push(this.#row(own, columns, true));
    }
    return rows;
  }

  #row(item, columns, own) {
    const you = own ? el('span', { class: 'you' }, t('you')) : null;
    const name = el('span', { class: 'named' }, el('bdi', {}, item.userName), alike(item), you);
    const cells = columns.map((name) =>
      el('td', { class: name }, name === 'timeMs' ? seconds(item.timeMs) : number(item.score)),
    );
    const lit = own && this.#lit === item.userId ? 'mine lit' : 'mine';
    return el(
      'tr',
      { class: own ? lit : null },
      el('td', { class: 'rank' }, String(item.rank)),
      el('th', { scope: 'row', class: 'name' }, name),
      ...cells,
    );
  }

  #foot({ items }, at) {
    const more = items.length > SHOWN;
    const label = this.#whole ? t('board.less') : t('board.more', { n: number(items.length) });
    const toggle = () => {
      this.#whole = !this.#whole;
      this.#draw();
      this.panel.querySelector('.foot button').focus();
    };
    return el(
      'p',
      { class: 'foot' },
      el('span', {}, t('board.as.of', { n: number(items.length), time: clock(at) })),
      more ? el('button', { type: 'button', class: 'quiet', onclick: toggle }, label) : null,
    );
  }
}

const COLUMN = { rank: 'rank', name: 'name', score: 'points', timeMs: 'time' };

function columnsOf(order) {
  return order.map(([key]) => key).filter((key) => key in COLUMN);
}

function periodLine({ period }) {
  return el('p', { class: 'period' }, periodName(period));
}

function waitingRows() {
  const lines = Array.from({ length: SHOWN }, () => el('li', { 'aria-hidden': 'true' }));
  return el('div', { class: 'waiting', role: 'status' }, el('p', { class: 'unseen' }, t('board.loading')), el('ol', {}, ...lines));
}

