// What all games share: the ticket, the clock and the leaderboard. A game provides its field.
//
//   openCabinet({ id, periods, create })
//   create(field, host) → { reset(), begin(), frame(ms), pause(on), waits, pauses, readings(), score() }
//
// The game calls host.over(outcome) once, and host.start() if its clock starts with the first move.

import { connect } from '/sdk/htmlgame.min.js';
import { seeded } from '../games/random.js';
import { Board } from './board.js';
import { digits } from './digits.js';
import { el, kept, svg } from './dom.js';
import { guest } from './guest.js';
import { language, learn, ordinal, spoken, t, translate } from './i18n.js';
import { meantForTheGame } from './keys.js';
import { layOut } from './layout.js';
import { nameField, Player } from './player.js';
import { audible, sound, toggleSound } from './sound.js';
import { compare, kindOf } from './standing.js';
import { telling } from './telling.js';
import { Ticket } from './ticket.js';
import { witness } from './witness.js';

const START_PATIENCE_MS = 3000;
const LONGEST_FRAME_MS = 100;
const CURTAIN_MS = 700;
const SPEAKER = 'M2 6h3V5h1V4h1V3h1v10H7v-1H6v-1H5v-1H2zM10 6h1v4h-1zM12 4h1v8h-1z';

export async function openCabinet(game) {
  layOut();
  const watched = witness();
  const sdk = await connect({ game: game.id, name: guest(), fetch: watched.fetch, pauses: game.pauses });
  return new Cabinet(game, sdk, watched.seen);
}

class Cabinet {
  #state = 'ready';
  #play = null;
  #ticketing = null;
  #punched = null;
  #before = 0;
  #elapsed = 0;

  constructor(game, sdk, seen) {
    this.rules = game;
    this.sdk = sdk;
    this.seen = seen;
    this.seed = new URLSearchParams(location.search).get('seed');
    const $ = (id) => document.getElementById(id);
    this.ticket = new Ticket($('ticket'), { game: game.id });
    this.board = new Board($('board'), { game: sdk, periods: game.periods });
    this.telling = this.practice ? null : telling(game.id);
    this.player = new Player(sdk, { onopen: () => this.pause(), onchange: () => this.#renamed() });
    this.hud = $('hud');
    this.field = $('field');
    this.curtain = this.field.appendChild(el('div', { class: 'curtain' }));
    this.game = game.create(this.field, this);
    this.#furnish();
    this.#listen();
    this.#enter('ready');
    translate();
    requestAnimationFrame((now) => this.#frame(now));
  }

  /** Math.random, or for ?seed=… a fixed sequence, whose plays are not ranked. */
  random() {
    return this.practice ? seeded(Number(this.seed)) : Math.random;
  }

  get practice() {
    return this.seed !== null;
  }

  get playing() {
    return this.#state === 'playing';
  }

  sound(name) {
    sound(name);
  }

  /** Sends telemetry to the game's creator (docs/guides/creators.md), except in practice. */
  tell(event, data) {
    this.telling?.track(event, data);
  }

  /** Begins a play. If the game waits for its ticket, the field moves once the ticket is here. */
  async start() {
    if (this.#state === 'starting' || this.playing) return;
    this.board.unlight();
    this.seen.signature = null;
    this.#elapsed = 0;
    this.#play = null;
    this.#ticketing = this.#punch();
    if (this.rules.waits) {
      this.#enter('starting');
      await this.#ticketing;
    }
    this.game.begin();
    this.#enter('playing');
    this.tell('start');
  }

  over({ headline, counts = true, tune = 'lost' }) {
    sound(tune);
    const facts = { score: this.game.score(), timeMs: this.#playMs };
    // A score that is not sent needs no end token.
    if (counts && facts.score) this.#play?.finish();
    this.tell('game_over', { score: facts.score, seconds: Math.round(facts.timeMs / 1000), finished: counts });
    if (counts) this.telling?.score(facts.score);
    this.headline = headline;
    this.#enter('over');
    if (!this.rules.waits) this.#offer(this.freshButton);
    this.#settle(this.#ticketing, facts, counts);
  }

  async #punch() {
    const punch = Symbol('punch');
    const show = (...told) => this.#punched === punch && this.ticket.show(...told);
    this.#punched = punch;
    if (this.practice) {
      show('practice');
      return null;
    }
    show('punching');
    let play;
    try {
      const signal = AbortSignal.timeout(START_PATIENCE_MS);
      play = await this.sdk.start({ signal, running: !this.rules.waits });
    } catch {
      show('unranked');
      return null;
    }
    // The player has left this field in the meantime.
    if (this.#punched === punch) this.#play = play;
    if (this.ticket.state === 'punching') show('punched', { player: this.sdk.player.name });
    return play;
  }

  async #settle(ticketing, facts, counts) {
    if (!counts) {
      this.ticket.show('lost');
      return;
    }
    const play = await ticketing;
    if (!play) return;
    if (!facts.score) this.ticket.show('nothing');
    else await this.#send(play, facts);
  }

  async #send(play, facts) {
    play.finish();
    const here = () => this.#play === play;
    const show = (state, more) => here() && this.ticket.show(state, { ...facts, ...more });
    // The SDK waits for the network and retries; a play counts once, however often it is sent.
    const tell = (again) => (navigator.onLine ? show('sending', { again }) : show('waiting'));
    tell(false);
    try {
      const options = { periods: shortestFirst(this.rules.periods), onRetry: () => tell(true) };
      this.#received(await play.submit(facts.score, options), play, facts.score, show);
    } catch (error) {
      const fault = () => show('fault', { retry: () => this.#send(play, facts) });
      if (error.retryable) fault();
      else await learn('refused').then(() => show('refused', { code: error.code }), fault);
    }
  }

  #received(result, play, score, show) {
    if (this.#play === play) this.#drawHud();
    const best = this.#personalBest({ score, timeMs: play.playMs });
    const stamped = { timeMs: play.playMs, signature: this.seen.signature, player: this.sdk.player.name };
    if (result.status === 'not_qualified') {
      const { needed, order } = result;
      show('short', { ...stamped, needed, order, best });
      return;
    }
    const boards = Object.entries(result.boards).map(([id, board]) => ({ id, ...board }));
    const ranks = boards.filter((board) => board.accepted).map(({ id, rank }) => ({ kind: kindOf(id), rank }));
    if (ranks.length) show('ranked', { ...stamped, ranks });
    else show('kept', { ...stamped, ...boards.find(({ id }) => id === 'all'), order: this.rules.order });
    this.board.settle(result);
    if (ranks.length) sound('level');
  }

  /** This player's best in this browser, on a board or not. */
  #personalBest(values) {
    const name = `best.${this.rules.id}.${this.sdk.player.id}`;
    const before = JSON.parse(kept.get(name));
    const best = before && compare(this.rules.order, before, values) <= 0 ? before : values;
    kept.set(name, JSON.stringify(best));
    return best;
  }

  /** The attested time, or the page's own clock if that is ahead, so that the time never runs back. */
  get #playMs() {
    if (this.#state === 'ready') return 0;
    const measured = this.#play?.playMs ?? 0;
    return this.#state === 'over' ? measured || this.#elapsed : Math.max(measured, this.#elapsed);
  }

  // States of the field

  #enter(state) {
    this.#state = state;
    this.board.busy = state === 'playing' || state === 'starting';
    document.body.dataset.state = state;
    this.#drawCurtain();
    this.#drawHud();
    if (state === 'playing') this.field.scrollIntoView({ block: 'nearest' });
  }

  pause() {
    if (!this.playing || !this.rules.pauses) return;
    this.#play?.pause();
    this.#enter('paused');
  }

  #goOn() {
    this.#play?.resume();
    this.#enter('playing');
  }

  #again() {
    this.#elapsed = 0;
    this.game.reset();
    if (this.rules.waits) this.start();
    else this.#enter('ready');
  }

  #frame(now) {
    const ms = Math.min(now - this.#before, LONGEST_FRAME_MS);
    this.#before = now;
    if (this.playing) this.#elapsed += ms;
    this.game.frame(this.playing ? ms : 0, now);
    if (this.playing) this.#drawHud();
    requestAnimationFrame((next) => this.#frame(next));
  }

  // The overlay and the line above the field

  #drawCurtain() {
    const contents = {
      ready: () => this.#welcome(),
      starting: () => [el('p', { role: 'status' }, t('starting'))],
      paused: () => this.#interval(),
      over: () => this.#epilogue(),
    };
    const content = this.rules.waits && contents[this.#state]?.();
    this.curtain.hidden = !content;
    this.curtain.replaceChildren(content ? el('div', { class: 'slip' }, ...content) : '');
  }

  #welcome() {
    const name = nameField(this.sdk);
    const says = el('p', { class: 'hint', role: 'status' }, t('name.shown'));
    const submit = (event) => {
      event.preventDefault();
      // Another tab may have changed the name since this field was filled.
      if (name.value === name.defaultValue || this.player.rename(name, says)) this.start();
    };
    const label = el('label', {}, t('playing.as'), name);
    return [el('form', { onsubmit: submit }, el('button', { class: 'go' }, t('play')), label, says)];
  }

  #interval() {
    return [el('p', { class: 'headline' }, t('paused')), this.#button('go.on', () => this.#goOn())];
  }

  #epilogue() {
    const again = this.#button('again', () => this.#again());
    this.#offer(again);
    return [el('p', { class: 'headline' }, t(this.headline)), again];
  }

  /** Delayed, because the player may still be pressing keys of the game. */
  #offer(button) {
    const elsewhere = () => document.activeElement !== document.body && !this.field.contains(document.activeElement);
    setTimeout(() => this.#state === 'over' && !elsewhere() && button.focus({ preventScroll: true }), CURTAIN_MS);
  }

  #button(label, onclick) {
    return el('button', { type: 'button', class: 'go', onclick }, t(label));
  }

  #furnish() {
    this.readings = el('dl', { class: 'readings' });
    this.chase = el('p', { class: 'chase' });
    this.pauseButton = el('button', { type: 'button', class: 'quiet', onclick: () => (this.playing ? this.pause() : this.#goOn()) });
    this.freshButton = el('button', { type: 'button', class: 'go', 'data-t': 'fresh', onclick: () => this.#again() });
    this.soundButton = el('button', { type: 'button', class: 'quiet', onclick: () => this.#toggleSound() }, svg('0 0 16 16', SPEAKER, 'glyph'));
    const buttons = el('div', { class: 'buttons' }, ...(this.game.buttons ?? []), this.rules.pauses ? this.pauseButton : this.freshButton, this.soundButton);
    this.hud.append(this.readings, buttons, this.chase);
    spoken(() => {
      this.#toggleSound({ keep: true });
      this.pauseButton.textContent = t('pause');
      this.#drawCurtain();
      this.#drawHud();
    });
  }

  #toggleSound({ keep = false } = {}) {
    if (!keep) toggleSound();
    this.soundButton.setAttribute('aria-label', t('sound'));
    this.soundButton.title = t('sound');
    this.soundButton.setAttribute('aria-pressed', audible());
  }

  #drawHud() {
    const readings = this.game.readings(this.#playMs);
    const key = JSON.stringify([readings, this.#state, language()]);
    if (key === this.hudKey) return;
    this.hudKey = key;
    this.pauseButton.disabled = !this.playing;
    this.#drawChase();
    this.readings.replaceChildren(
      ...readings.map(([label, value]) => {
        const said = el('span', { class: 'unseen' }, value);
        return el('div', {}, el('dt', {}, t(label)), el('dd', {}, digits(value), said));
      }),
    );
  }

  #drawChase() {
    const text = this.#chaseLine();
    if (this.chase.textContent !== text) this.chase.textContent = text;
  }

  #chaseLine() {
    if (this.#state === 'over') return this.rules.waits ? '' : t(this.headline);
    if (!this.playing) return this.game.hint ? t(this.game.hint) : '';
    const found = this.board.standing({ score: this.game.score(), timeMs: this.#playMs });
    if (!found) return '';
    if (!found.next) return t('chase.top');
    return t('chase', { rank: ordinal(found.rank), ...found.next });
  }

  #renamed() {
    this.board.unlight();
    if (this.#state === 'ready') this.#drawCurtain();
  }

  #listen() {
    document.addEventListener('visibilitychange', () => document.hidden && this.pause());
    addEventListener('blur', () => this.pause());
    addEventListener('keydown', (event) => {
      if (!meantForTheGame(event)) return;
      if (event.key === 'p' || event.key === 'P') this.playing ? this.pause() : this.#state === 'paused' && this.#goOn();
    });
    addEventListener('beforeunload', (event) => this.ticket.state === 'waiting' && event.preventDefault());
  }
}

/** Shortest first: its threshold is never higher, and the edge reports the first period's. */
const LENGTHS = ['daily', 'weekly', 'monthly', 'all'];
const shortestFirst = (periods) => LENGTHS.filter((period) => periods.includes(period));
