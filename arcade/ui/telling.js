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

  function end() {
    telemetry?.end();
    telemetry = waiting = player = null;
  }

  // A page restored from the browser's cache begins a session of its own.
  addEventListener('pagehide', end);
  addEventListener('forgetting', end);
  return { track: (...what) => tell('track', ...what), score: (...what) => tell('score', ...what) };
}

/** What the site's games have sent their telemetry under, for an export or a deletion. */
export async function ownKeys() {
  const playerKey = kept.get('telling');
  if (!playerKey) return undefined;
  const answer = await fetch('/telemetry.json').catch((cause) => {
    throw Object.assign(cause, { code: 'offline' });
  });
  if (!answer.ok) return undefined;
  const projects = new Set(Object.values((await answer.json()).projects ?? {}));
  return [...projects].map((projectId) => ({ projectId, playerKey }));
}

/** The next game that is played makes another key. */
export function forgetKey() {
  kept.drop('telling');
}

/** A secret of the player: it is not the id on the board and is never shown. */
function ownKey() {
  const key = kept.get('telling') ?? crypto.randomUUID();
  kept.set('telling', key);
  return key;
}
