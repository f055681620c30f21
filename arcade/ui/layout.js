// The bar and the footer of every page, which has <header id="bar"> and <footer id="foot">.

import { el, svg } from './dom.js';
import { spoken, t, toggleLanguage, translate } from './i18n.js';
import { nextTheme, theme } from './theme.js';

export const GAMES = ['snake', 'minesweeper', 'bricks'];

const SUN = 'M7 3h2v2H7zM7 11h2v2H7zM3 7h2v2H3zM11 7h2v2h-2zM6 6h4v4H6zM4 4h1v1H4zM11 4h1v1h-1zM4 11h1v1H4zM11 11h1v1h-1z';
const MOON = 'M6 2h3v1H8v1H7v5h1v2h2v1h3v1h-1v1H6v-1H4v-2H3V6h1V4h2z';
const HALF = 'M5 3h6v1h1v1h1v6h-1v1h-1v1H5v-1H4v-1H3V5h1V4h1zM8 4v8h3v-1h1V5h-1V4z';
const PICTURES = { auto: HALF, light: SUN, dark: MOON };

export function layOut() {
  document.querySelector('#bar').append(home(), games(), tools());
  const creators = el('a', { href: '/creator.html', 'data-t': 'foot.creators' });
  document.querySelector('#foot').append(el('p', { 'data-t': 'foot' }), el('p', {}, creators));
  translate();
  // Later than all that the page itself needs: most visits never sign in.
  onceLoaded(async () => {
    const { addAccountButton } = await import('../players/button.js');
    await addAccountButton();
  });
}

function onceLoaded(task) {
  if (document.readyState === 'complete') task();
  else addEventListener('load', task, { once: true });
}

/** Holds a page's own tools, such as the player's name. */
export const toolbox = () => document.querySelector('#bar .tools');

function home() {
  const mark = svg('0 2 16 12', 'M1 3h14v3h-1v1h-1v2h1v1h1v3H1v-3h1V9h1V7H2V6H1zM5 5v6h2V9h2v2h2V5H9v2H7V5z', 'mark');
  return el('a', { class: 'home', href: '/' }, mark, el('b', {}, 'htmlgame'), el('span', { 'data-t': 'arcade' }));
}

function games() {
  const links = GAMES.map((game) => {
    const here = document.body.dataset.page === game && 'page';
    return el('a', { href: `/${game}.html`, 'data-t': game, 'aria-current': here });
  });
  return el('nav', { 'data-t-label': 'games' }, ...links);
}

function tools() {
  const colours = el('button', { type: 'button', class: 'tool', onclick: nextTheme });
  const show = () => {
    const label = t('theme', { now: t(`theme.${theme()}`) });
    colours.replaceChildren(svg('0 0 16 16', PICTURES[theme()], 'glyph'));
    colours.setAttribute('aria-label', label);
    colours.title = label;
  };
  addEventListener('theme', show);
  spoken(show);
  const language = el('button', { type: 'button', class: 'tool', onclick: toggleLanguage });
  spoken(() => {
    language.textContent = t('language');
    language.lang = t('language') === 'English' ? 'en' : 'ja';
  });
  return el('div', { class: 'tools' }, language, colours);
}
