import { kept } from './dom.js';
import { t } from './i18n.js';

/** The name of a player who has not chosen one; the same on every page and visit. */
export function guest() {
  const digits = kept.get('guest') ?? String(100 + Math.floor(Math.random() * 900));
  kept.set('guest', digits);
  return t('guest', { n: digits });
}
