// What this site offers players, and the one signed in here: docs/reference/players.md.

import { backFromX, connectPlayers, goToX } from '/sdk/players.min.js';

/** Where this tab remembers that it left for Privy's page. */
const LEFT = 'privy.left';

let asked;

/** players.json; null where players are off or it cannot be read. */
export function offered() {
  asked ??= fetch('/players.json')
    .then((answer) => answer.json())
    .then((found) => (found.providers ? found : null))
    .catch(() => null);
  return asked;
}

export const players = connectPlayers();

/** X comes back to the page that is registered there, whichever port the site has here. */
export function leaveForX({ x, local }, then) {
  const redirect = local ? location.origin + new URL(x.redirect).pathname : x.redirect;
  return goToX({ clientId: x.clientId, authorize: x.authorize, redirect, then });
}

/** The state proves on the way back that this browser left: no link can sign a visitor in. */
export function leaveForPrivy({ privy }, then) {
  const state = Array.from(crypto.getRandomValues(new Uint32Array(4)), (each) => each.toString(36)).join('');
  sessionStorage.setItem(LEFT, JSON.stringify({ state, then }));
  const redirect = `${location.origin}${location.pathname}?privy=${state}`;
  location.assign(`${privy.page}?redirect=${encodeURIComponent(redirect)}`);
}

/** The proof that this visit came back with, and what it is for. */
export function broughtBack() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  if (!fragment.has('privy')) return backFromX();
  const state = new URLSearchParams(location.search).get('privy');
  const left = JSON.parse(sessionStorage.getItem(LEFT));
  sessionStorage.removeItem(LEFT);
  history.replaceState(null, '', location.pathname);
  if (!left || state !== left.state) return undefined;
  const proof = { provider: 'privy', token: fragment.get('privy') };
  if (fragment.has('identity')) proof.identityToken = fragment.get('identity');
  return { proof, then: left.then };
}

/**
 * Signs in, or links the identity to the account of this browser. Returns the code of a refusal
 * that the player can decide about.
 */
export async function enter({ proof, then }) {
  try {
    if (then === 'merge') await players.merge(proof);
    else if (then === 'link' && players.userId) await players.link(proof);
    else {
      await players.signIn(proof);
      await keepAnonymous();
    }
    return null;
  } catch (error) {
    return error.code;
  }
}

/** Plays of this browser from before the sign-in belong to the account from now on. */
async function keepAnonymous() {
  try {
    await players.link({ provider: 'key' });
  } catch {
    // It belongs to another account, or there are ten already.
  }
}
