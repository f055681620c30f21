// What this site offers players, and the one signed in here: docs/reference/players.md.

import { backFromX, connectPlayers, goToX } from '/sdk/players.min.js';

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

export function leaveForPrivy({ privy }) {
  location.assign(`${privy.page}?redirect=${encodeURIComponent(location.origin + location.pathname)}`);
}

/** The proof that this visit came back with, and what it is for. */
export function broughtBack() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  if (!fragment.has('privy')) return backFromX();
  history.replaceState(null, '', location.pathname);
  const proof = { provider: 'privy', token: fragment.get('privy') };
  if (fragment.has('identity')) proof.identityToken = fragment.get('identity');
  return { proof, then: 'signIn' };
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
