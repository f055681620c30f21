import crypto from 'crypto';

export function encode(text) {
  return Buffer.from(text).toString('base64url');
}

export function decode(text) {
  return Buffer.from(text, 'base64url').toString();
}

function hmac(secret, text) {
  return crypto.createHmac('sha256', secret).update(text);
}

export function mac(secret, text) {
  return hmac(secret, text).digest('base64url');
}

// 128 unguessable bits. Math.random is seeded with the time, which everybody knows.
export function unguessable(secret, text) {
  const digest = hmac(secret, text).digest('hex');
  return Buffer.from(digest.slice(0, 32), 'hex').toString('base64url');
}

export function hash(text) {
  return crypto.createHash('sha256').update(text).digest('base64url');
}

// The time it takes may reveal how much of the two hashes agrees, which reveals nothing of the MACs.
export function sameMac(given, expected) {
  return hash(given) === hash(expected);
}
