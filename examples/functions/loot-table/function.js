// Rolls a chest: the same seed and table always give the same loot, so a roll can be checked later.
//
// The server makes the seed from a secret and the id of the chest, so that no player can guess it.

function hash(text) {
  let state = 2166136261;
  for (let i = 0; i < text.length; i += 1) {
    state = Math.imul(state ^ text.charCodeAt(i), 16777619);
  }
  return state >>> 0;
}

// mulberry32: small, and good enough for loot.
function randomOf(seed) {
  let state = hash(seed);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function handler({ seed, table, rolls = 1 }) {
  const total = table.reduce((sum, { weight }) => sum + weight, 0);
  if (total <= 0) throw new RangeError('table: the weights add up to nothing');
  const random = randomOf(seed);
  const items = [];
  for (let roll = 0; roll < rolls; roll += 1) {
    let left = random() * total;
    items.push(table.find(({ weight }) => (left -= weight) < 0)?.item ?? table.at(-1).item);
  }
  return { items };
}
