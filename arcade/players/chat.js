// A conversation with a character: its face, what was said, and a field for the next message.

import { el, kept } from '../ui/dom.js';
import { clock, language, number, ordinal, spoken, t } from '../ui/i18n.js';
import { bests } from './bests.js';
import { Face } from './face.js';
import { players } from './offer.js';

const LONGEST = 500;
const SHOWN = 40;

export class Chat {
  #session = null;
  #state = 'ready';
  #notice = null;

  constructor(root, character) {
    this.character = character;
    this.face = new Face(character.id);
    this.name = el('h1', {});
    this.mood = el('p', { class: 'mood' });
    this.standing = el('p', { class: 'standing' });
    this.log = el('div', { class: 'log', role: 'log', 'aria-live': 'polite', tabindex: '0', 'data-t-label': 'chat.log' });
    this.chips = el('div', { class: 'chips', role: 'group', 'data-t-label': 'chat.chips' });
    this.notice = el('p', { class: 'notice', role: 'status' });
    this.field = el('input', { id: 'message', maxlength: LONGEST, autocomplete: 'off', enterkeyhint: 'send' });
    this.send = el('button', { class: 'go', 'data-t': 'chat.send' });
    this.fresh = el('button', { type: 'button', class: 'quiet', 'data-t': 'chat.fresh', hidden: true, onclick: () => this.#afresh() });
    this.form = el('form', { onsubmit: (event) => this.#submit(event) }, el('label', { for: 'message', 'data-t': 'chat.message' }), this.field, this.send);
    const who = el('section', { class: 'who ticket' }, this.face.node, this.name, this.mood, this.standing);
    const talk = el('section', { class: 'talk', 'aria-label': t('chat') }, this.log, this.chips, this.notice, this.form, this.fresh);
    root.replaceChildren(who, talk);
    spoken(() => this.#draw());
    this.#live = new AbortController();
    const { signal } = this.#live;
    addEventListener('online', () => this.#enter(this.#state === 'offline' ? 'ready' : this.#state), { signal });
    addEventListener('offline', () => this.#enter('offline'), { signal });
    addEventListener('account', () => this.#standing(), { signal });
    this.#begin();
  }

  #live;

  close() {
    this.#live.abort();
  }

  async #begin() {
    if (!navigator.onLine) this.#enter('offline');
    await this.#recall();
    this.#react(await bests());
    this.#standing();
  }

  /** Shows the messages of an earlier visit. */
  async #recall() {
    const sessionId = players.userId && kept.get(this.#shelf);
    if (!sessionId) return;
    this.#session = players.resume(sessionId);
    try {
      const said = [];
      for await (const message of this.#session.messages()) {
        said.push(message);
        if (said.length === SHOWN) break;
      }
      for (const { role, content, emotion } of said.reverse()) {
        this.#say(role === 'user' ? 'me' : 'them', content);
        if (emotion) this.#feel(emotion);
      }
    } catch (error) {
      if (error.code === 'unknown_session') this.#session = null;
      else if (error.code === 'offline') this.#enter('offline');
    }
  }

  get #shelf() {
    return `chat.${this.character.id}.${players.userId}`;
  }

  /** To the player's results: without the model, so it costs nothing and works offline. */
  #react(found) {
    this.found = found;
    const [best] = [...found].sort((a, b) => (a.rank ?? 1_000) - (b.rank ?? 1_000));
    this.best = best;
    if (!this.log.childElementCount) {
      if (this.#state === 'ready') this.#feel(!best ? 'neutral' : best.rank === 1 ? this.#liveliest : this.#friendly);
      this.#greeting = this.#say('them', '');
    }
    this.#draw();
  }

  #greeting = null;

  get #friendly() {
    return this.character.emotions[1] ?? this.character.emotions[0];
  }

  get #liveliest() {
    return this.character.emotions[2] ?? this.#friendly;
  }

  async #standing() {
    if (!players.userId) {
      // Whoever signs in next on this device does not see what was said.
      if (this.stats) this.#afresh();
      return;
    }
    try {
      const { stats } = await players.me();
      this.stats = stats;
      this.#draw();
    } catch {
      // The page works without it.
    }
  }

  #draw() {
    const lang = language();
    this.name.textContent = this.character.name[lang] ?? this.character.name.en;
    const emotion = this.face.node.dataset.emotion;
    this.mood.textContent = t('chat.mood', { mood: t(`mood.${emotion}`) });
    this.standing.textContent = this.stats ? t('chat.standing', { points: number(this.stats.totalPoints), level: number(this.stats.intimacyLevel) }) : '';
    if (this.#greeting) this.#greeting.lastChild.textContent = this.#greets();
    this.chips.replaceChildren(...(this.found ?? []).map((best) => this.#chip(best)));
    for (const node of [this.send, this.fresh, this.form.firstChild]) node.textContent = t(node.dataset.t);
    for (const node of [this.log, this.chips]) node.setAttribute('aria-label', t(node.dataset.tLabel));
    this.#drawNotice();
  }

  #greets() {
    if (!this.best) return t('chat.hello');
    const { game, value, rank } = this.best;
    const values = { game: t(game), value, rank: rank && ordinal(rank) };
    return t(rank === 1 ? 'chat.first' : rank ? 'chat.ranked' : 'chat.best', values);
  }

  #chip(best) {
    const text = t('chat.chip', { game: t(best.game), value: best.value });
    return el('button', { type: 'button', class: 'quiet', disabled: this.#state !== 'ready', onclick: () => this.#ask(text) }, text);
  }

  #submit(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (text && this.#state === 'ready') this.#ask(text);
  }

  async #ask(text) {
    this.#enter('waiting');
    const mine = this.#say('me', text);
    this.#feel('listening');
    try {
      const answer = await this.#answered(text);
      this.field.value = '';
      this.#say('them', answer.reply, answer.score);
      this.#feel(answer.emotion);
      this.stats = answer.stats;
      this.#enter(answer.isGameOver ? 'over' : 'ready');
    } catch (error) {
      // It stays in the field, to be sent again.
      mine.remove();
      this.field.value ||= text;
      this.#failed(error);
    }
    this.#draw();
    if (this.#state === 'ready') this.field.focus({ preventScroll: true });
  }

  /** Nobody has to sign in: the browser's own player does. */
  async #answered(text) {
    if (!players.userId) {
      await players.signIn();
      dispatchEvent(new Event('account'));
    }
    if (!this.#session) {
      this.#session = await players.chat(this.character.id);
      kept.set(this.#shelf, this.#session.sessionId);
    }
    const locale = this.character.locales.includes(language()) ? language() : undefined;
    return this.#session.say(text, { locale });
  }

  #failed(error) {
    const states = { asleep: 'asleep', game_over: 'over', offline: 'offline', daily_limit: 'tired' };
    if (error.code === 'unknown_session') this.#session = null;
    if (error.code === 'token_revoked' || error.code === 'sign_in_over') dispatchEvent(new Event('account'));
    this.#notice = error;
    this.until = Date.now() + error.retryAfterMs;
    const state = states[error.code] ?? 'ready';
    this.#feel(state === 'asleep' || state === 'tired' ? 'asleep' : 'neutral');
    this.#enter(state, error);
  }

  #enter(state, notice = null) {
    this.#state = state;
    this.#notice = notice;
    document.body.dataset.state = state;
    this.field.readOnly = state === 'waiting';
    this.send.disabled = state !== 'ready';
    this.fresh.hidden = state !== 'over';
    this.form.hidden = state === 'over';
    for (const chip of this.chips.children) chip.disabled = state !== 'ready';
    this.#drawNotice();
  }

  #drawNotice() {
    const texts = {
      waiting: () => t('chat.waiting'),
      offline: () => t('chat.offline'),
      asleep: () => t('chat.asleep', { time: clock(this.until) }),
      tired: () => t('chat.tired', { time: clock(this.until) }),
      over: () => t('chat.over'),
      ready: () => (this.#notice ? t(KNOWN.has(this.#notice.code) ? `chat.error.${this.#notice.code}` : 'chat.error.else') : ''),
    };
    const text = texts[this.#state]();
    if (this.notice.textContent !== text) this.notice.textContent = text;
  }

  #feel(emotion) {
    this.face.feel(emotion);
    this.mood.textContent = t('chat.mood', { mood: t(`mood.${emotion}`) });
  }

  #say(side, text, points) {
    const gain = points ? el('small', {}, ` ${points > 0 ? '+' : '−'}${number(Math.abs(points))}`) : null;
    const speaker = el('span', { class: 'unseen' }, `${side === 'me' ? t('you') : this.name.textContent}: `);
    const line = el('div', { class: side }, speaker, el('p', {}, text, gain));
    this.log.append(line);
    this.log.scrollTop = this.log.scrollHeight;
    return line;
  }

  #afresh() {
    this.#session = null;
    if (!players.userId) this.stats = null;
    this.log.replaceChildren();
    this.#greeting = this.#say('them', '');
    this.#feel('neutral');
    this.#enter('ready');
    this.#draw();
    if (players.userId) this.field.focus();
  }
}

const KNOWN = new Set(['in_progress', 'character_silent', 'banned', 'malformed', 'token_revoked', 'unavailable']);
