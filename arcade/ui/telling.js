// What the arcade tells of its games, where the site has a project for them: docs/guides/creators.md.
// Never in a game's way: it is fetched with the first thing to tell, and where it fails nothing is missed.

import { kept } from './dom.js';

const KEPT_UNTIL_THEN = 50;

export function telling(game) {
  let telemetry = null;
  let player = null;
  let waiting = null;

  async function open() {
    waiting = [];
    try {
      const { projects } = await (await fetch('/telemetry.json')).json();
      if (!projects?.[game]) return;
      const { connectTelemetry } = await import('/sdk/telemetry.min.js');
      player ??= ownKey();
      telemetry = connectTelemetry({ projectId: projects[game], playerKey: player });
      for (const [how, what] of waiting) telemetry[how](...what);
    } catch {
      // Then nobody hears of it.
    }
  }

  function tell(how, ...what) {
    if (!waiting) open();
    if (telemetry) telemetry[how](...what);
    else if (waiting.length < KEPT_UNTIL_THEN) waiting.push([how, what]);
  }

  // A page that comes back from the browser's memory goes on in a session of its own.
  addEventListener('pagehide', () => {
    telemetry?.end();
    telemetry = waiting = null;
  });
  return { track: (...what) => tell('track', ...what), score: (...what) => tell('score', ...what) };
}

/** Whoever has it is the player: so it is not the id on the board, and is shown nowhere. */
function ownKey() {
  const key = kept.get('telling') ?? crypto.randomUUID();
  kept.set('telling', key);
  return key;
}
