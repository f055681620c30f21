import { kept } from './dom.js';

export const audible = () => kept.get('sound') === 'on';

export function toggleSound() {
  kept.set('sound', audible() ? 'off' : 'on');
  sound('point');
}

/** Nothing sounds until somebody turns it on, and until then nothing is fetched for it. */
export async function sound(name) {
  if (!audible()) return;
  const { play } = await import('./notes.js');
  play(name);
}
