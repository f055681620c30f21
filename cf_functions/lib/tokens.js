import { refuse } from './answers.js';
import { decode, encode, mac, sameMac } from './crypto.js';
import { readKey } from './keys.js';

export function join(payload, signature) {
  return encode(payload) + '.' + signature;
}

export function sign(payload, key) {
  return join(payload, mac(key.secret, payload));
}

export function startPayload(kid, play) {
  return ['1s', kid, play.gameId, play.userId, play.sid, play.start].join('.');
}

function forged(name) {
  refuse(401, 'bad_token', name + ': not a token of ours, or of a key no longer honoured');
}

// A token's claims, which are not trustworthy before authenticate().
export function claimsOf(token, name, stage) {
  const halves = token.split('.');
  const payload = decode(halves[0]);
  const fields = payload.split('.');
  // base64url can spell the same bytes in several ways; only one is accepted.
  if (halves.length !== 2 || fields[0] !== stage || encode(payload) !== halves[0]) {
    forged(name);
  }
  return {
    name: name,
    payload: payload,
    mac: halves[1],
    kid: fields[1],
    gameId: fields[2],
    userId: fields[3],
    sid: fields[4],
    start: fields[5],
    end: Number(fields[6]),
    playMs: Number(fields[7]),
    startKid: fields[8],
    startMac: fields[9]
  };
}

// Returns the current key, which signs the next token, whichever key signed this one.
export async function authenticate(token) {
  const current = await readKey('k_current');
  let key = current;
  if (token.kid !== current.kid) {
    key = await readKey('k_prev');
  }
  if (token.kid !== key.kid || !sameMac(token.mac, mac(key.secret, token.payload))) {
    forged(token.name);
  }
  return current;
}
