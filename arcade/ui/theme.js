import { kept } from './dom.js';

const THEMES = ['auto', 'light', 'dark'];
const root = document.documentElement;

export const theme = () => root.dataset.theme ?? 'auto';

export function nextTheme() {
  const next = THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length];
  if (next === 'auto') delete root.dataset.theme;
  else root.dataset.theme = next;
  kept.set('theme', next === 'auto' ? '' : next);
  dispatchEvent(new Event('theme'));
}

/** Calls back now and whenever the theme changes. */
export function coloured(render) {
  addEventListener('theme', render);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', render);
  render();
}
