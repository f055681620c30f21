import { kept } from './dom.js';

export const audible = () => kept.get('sound') === 'on';

export function toggleSound() {
  kept.set('sound', audible() ? 'off' : 'on');
  sound('point');
}

/** Off until the player turns it on; until then nothing is loaded for it. */
export async function sound(name) {
  if (!audible()) return;
  const { play } = await import('./notes.js');
  play(name);
}
