import { read } from './store.js';

const KEY = /^([a-z0-9]{1,8}):(.{16,})$/;

export async function readKey(name) {
  const entry = await read(name);
  const parts = KEY.exec(entry);
  if (parts) {
    return { kid: parts[1], secret: parts[2] };
  }
  // Before the first rotation there is no previous key.
  if (!entry && name === 'k_prev') {
    return {};
  }
  throw Error(name + ' is missing or corrupt');
}
