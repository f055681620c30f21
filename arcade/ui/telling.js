// Telemetry of the arcade's games, if the site has projects for them: docs/guides/creators.md. It is
// loaded with the first event, and a failure never affects the game.

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
      // Telemetry is lost; the game goes on.
    }
  }

  function tell(how, ...what) {
    if (!waiting) open();
    if (telemetry) telemetry[how](...what);
    else if (waiting.length < KEPT_UNTIL_THEN) waiting.push([how, what]);
  }

  // A page restored from the browser's cache begins a session of its own.
  addEventListener('pagehide', () => {
    telemetry?.end();
    telemetry = waiting = null;
  });
  return { track: (...what) => tell('track', ...what), score: (...what) => tell('score', ...what) };
}

/** A secret of the player: it is not the id on the board and is never shown. */
function ownKey() {
  const key = kept.get('telling') ?? crypto.randomUUID();
  kept.set('telling', key);
  return key;
}
