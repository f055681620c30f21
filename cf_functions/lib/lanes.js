import { hash } from './crypto.js';

// As many as lambdas/scores/routes.py has routes for.
const LANES = 16;
const MINUTE_MS = 60000;

// The lane of an address in this minute. Whoever fills it with requests meets other players in
// the next minute. A subscriber has many addresses of IPv6, so only the first 48 bits count.
export function laneOf(address, now) {
  const text = network(address) + '|' + Math.floor(now / MINUTE_MS);
  const digest = hash(text);
  let sum = 0;
  for (let i = 0; i < digest.length; i++) {
    sum += digest.charCodeAt(i);
  }
  return sum % LANES;
}

function network(address) {
  if (!address.includes(':')) {
    return address;
  }
  return address.split('::')[0].split(':').slice(0, 3).join(':');
}
