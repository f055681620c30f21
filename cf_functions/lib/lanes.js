import { hash } from './crypto.js';

const MINUTE_MS = 60000;

// One of the sixteen lanes that lambdas/scores/routes.py has routes for, by address and minute.
// Whoever fills it with requests meets other players in the next minute. A subscriber has many addresses of IPv6, so only the first 48 bits count.
export function laneOf(address, now) {
  const text = network(address) + '|' + Math.floor(now / MINUTE_MS);
  const digest = Buffer.from(hash(text), 'base64url').toString('hex');
  return parseInt(digest.slice(0, 1), 16);
}

function network(address) {
  if (!address.includes(':')) {
    return address;
  }
  return address.split('::')[0].split(':').slice(0, 3).join(':');
}
