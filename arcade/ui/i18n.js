import { kept } from './dom.js';

const root = document.documentElement;

export const language = () => (root.lang === 'ja' ? 'ja' : 'en');

/** Dictionaries of this page, in addition to the shared one: <html data-words="front">. */
const own = new Set((root.dataset.words ?? '').split(' ').filter(Boolean));
let words = await wordsOf(language());

/** Loads a dictionary for parts that most visits never open. */
export async function learn(name) {
  own.add(name);
  words = await wordsOf(language());
}

async function wordsOf(name) {
  const files = [name, ...[...own].map((dictionary) => `${dictionary}.${name}`)];
  const modules = await Promise.all(files.map((file) => import(`../words/${file}.js`)));
  return Object.assign({}, ...modules.map((module) => module.default));
}

export function t(key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

/** Fills in the text of elements with data-t and the accessible name of those with data-t-label. */
export function translate(within = document) {
  for (const node of within.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t);
  for (const node of within.querySelectorAll('[data-t-label]')) {
    node.setAttribute('aria-label', t(node.dataset.tLabel));
  }
  const title = document.querySelector('title[data-page]')?.dataset.page;
  if (title) document.title = `${t(title)} · htmlgame`;
  root.classList.remove('untranslated');
}

export async function toggleLanguage() {
  const next = language() === 'ja' ? 'en' : 'ja';
  try {
    words = await wordsOf(next);
  } catch {
    return; // offline, and never spoken here before
  }
  root.lang = next;
  kept.set('language', root.lang);
  translate();
  dispatchEvent(new Event('language'));
}

/** Calls back now and whenever the language changes. */
export function spoken(render) {
  addEventListener('language', render);
  render();
}

export const number = (value) => new Intl.NumberFormat(language()).format(value);

export function seconds(ms) {
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  const value = new Intl.NumberFormat(language(), digits).format(Math.floor(ms / 100) / 10);
  return t('seconds', { n: value });
}

export function ordinal(rank) {
  if (language() === 'ja') return `${rank}位`;
  const ending = { one: 'st', two: 'nd', few: 'rd', other: 'th' };
  return rank + ending[new Intl.PluralRules('en', { type: 'ordinal' }).select(rank)];
}

export function clock(time) {
  return new Intl.DateTimeFormat(language(), { hour: '2-digit', minute: '2-digit' }).format(time);
}

/** The name of a period, by its id: 2026-11, 2026-W47, 2026-11-21. */
export function periodName(id) {
  const [year, part, day] = id.split('-');
  if (!part) return t('ever');
  if (part.startsWith('W')) return t('week', { n: Number(part.slice(1)), year });
  const shown = { year: 'numeric', month: 'long', ...(day && { day: 'numeric' }), timeZone: 'UTC' };
  return new Intl.DateTimeFormat(language(), shown).format(Date.UTC(year, part - 1, day ?? 1));
}
