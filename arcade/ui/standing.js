// Who stands before whom, by a board's own order; pure, so that it can be tried without a page.

/** As many as an answer to a submission tells. */
const TOP = 10;

/** Below 0 where a stands before b. Where the order is silent, the earlier entry does. */
export function compare(order, a, b) {
  for (const [key, direction] of order) {
    const lead = key === 'updatedAt' ? Date.parse(a[key]) - Date.parse(b[key]) : a[key] - b[key];
    if (lead) return direction === 'asc' ? lead : -lead;
  }
  return Date.parse(a.updatedAt) - Date.parse(b.updatedAt) || 0;
}

/** The rank a play would have if it ended like this, and whom it has to pass next. */
export function standing(order, items, play) {
  const ahead = items.filter((item) => item.userId !== play.userId && compare(order, item, play) <= 0);
  return { rank: ahead.length + 1, next: ahead.at(-1) ?? null };
}

/** A board with entries that are newer than it: each player once, at their best. */
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
 * A board whose first ten are known afresh: of what was known before, only what stands behind them.
 * An own entry further down has the rank it was told, however few of those before it are known.
 */
export function refreshed(known, top, best) {
  const last = top.at(-1);
  const behind = top.length < TOP ? [] : known.items.filter((item) => compare(known.order, item, last) > 0);
  const items = merged({ ...known, items: [...behind, ...top] }, best ? [best] : []);
  if (!best || best.rank <= TOP) return items;
  return items.map((item) => (item.userId === best.userId ? { ...item, rank: best.rank } : item));
}

/** Which of a game's periods an id belongs to. */
export function kindOf(periodId) {
  if (periodId === 'all') return 'all';
  if (periodId.includes('W')) return 'weekly';
  return periodId.length === 7 ? 'monthly' : 'daily';
}
