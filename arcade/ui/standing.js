// Ranks by a board's own order. Pure functions, which Node can test.

/** The number of entries in the answer to a submission. */
const TOP = 10;

/** Below 0 if a ranks before b. If the order does not decide, the earlier entry does. */
export function compare(order, a, b) {
  for (const [key, direction] of order) {
    const lead = key === 'updatedAt' ? Date.parse(a[key]) - Date.parse(b[key]) : a[key] - b[key];
    if (lead) return direction === 'asc' ? lead : -lead;
  }
  return Date.parse(a.updatedAt) - Date.parse(b.updatedAt) || 0;
}

/** The rank of a play if it ended now, and the next entry to beat. */
export function standing(order, items, play) {
  const ahead = items.filter((item) => item.userId !== play.userId && compare(order, item, play) <= 0);
  return { rank: ahead.length + 1, next: ahead.at(-1) ?? null };
}

/** A board merged with newer entries: each player once, with their best. */
export function merged({ order, topN, items }, entries) {
  const best = new Map(items.map((item) => [item.userId, item]));
  for (const entry of entries) {
    const standing = best.get(entry.userId);
    if (!standing || compare(order, entry, standing) <= 0) best.set(entry.userId, entry);
  }
  const sorted = [...best.values()].sort((a, b) => compare(order, a, b)).slice(0, topN);
  return sorted.map((item, index) => ({ ...item, rank: index + 1 }));
}

/**
 * A board with a new top ten: of the old entries, those that rank behind it stay. The player's own
 * entry further down keeps its reported rank.
 */
export function refreshed(known, top, best) {
  const last = top.at(-1);
  const behind = top.length < TOP ? [] : known.items.filter((item) => compare(known.order, item, last) > 0);
  const items = merged({ ...known, items: [...behind, ...top] }, best ? [best] : []);
  if (!best || best.rank <= TOP) return items;
  return items.map((item) => (item.userId === best.userId ? { ...item, rank: best.rank } : item));
}

/** The kind of period that an id belongs to. */
export function kindOf(periodId) {
  if (periodId === 'all') return 'all';
  if (periodId.includes('W')) return 'weekly';
  return periodId.length === 7 ? 'monthly' : 'daily';
}
