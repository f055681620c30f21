import assert from "node:assert/strict";
import { test } from "node:test";

import { compare, kindOf, merged, refreshed, standing } from "../../arcade/ui/standing.js";

const ORDER = [["score", "desc"], ["timeMs", "asc"]];
const FASTEST = [["timeMs", "asc"]];

function entry(userId, score, timeMs = 1000, minute = 0) {
  return { userId, score, timeMs, updatedAt: `2026-11-21T12:${String(minute).padStart(2, "0")}:00Z` };
}

const ids = (items) => items.map(({ userId }) => userId).join("");

test("entries rank in the board's order, and equal ones by their time", () => {
  const items = [entry("a", 5, 900), entry("b", 9), entry("c", 5, 800), entry("d", 9, 1000, 1)];
  assert.equal(ids(items.sort((one, other) => compare(ORDER, one, other))), "bdca");
  assert.equal(ids(items.sort((one, other) => compare(FASTEST, one, other))), "cabd");
  const lately = [entry("x", 1, 1, 5), entry("y", 1, 1, 2)];
  assert.equal(ids(lately.sort((one, other) => compare([["updatedAt", "desc"]], one, other))), "xy");
});

test("a play knows its rank and whom it has to pass", () => {
  const items = [entry("a", 90), entry("b", 50), entry("c", 20)];
  const found = standing(ORDER, items, { score: 50, timeMs: 2000, userId: "me" });
  assert.equal(found.rank, 3);
  assert.equal(found.next.userId, "b");
  assert.equal(standing(ORDER, items, { score: 91, timeMs: 1, userId: "me" }).next, null);
  const own = standing(ORDER, items, { score: 60, timeMs: 1, userId: "a" });
  assert.equal(own.rank, 1, "nobody has to pass themselves");
});

test("a new entry is ranked, each player once with their best", () => {
  const ranking = { order: ORDER, topN: 3, items: [entry("a", 9), entry("b", 5), entry("c", 3)] };
  const better = merged(ranking, [entry("c", 7)]);
  assert.equal(ids(better), "acb");
  assert.deepEqual(better.map(({ rank }) => rank), [1, 2, 3]);
  assert.equal(ids(merged(ranking, [entry("b", 1)])), "abc", "a worse one changes nothing");
  assert.equal(ids(merged(ranking, [entry("d", 6)])), "adb", "the board keeps its length");
});

test("the ten that are known afresh push out whoever is no longer among them", () => {
  const fresh = Array.from({ length: 10 }, (_, index) => entry(String(index), 90 - index));
  const known = { order: ORDER, topN: 100, items: [entry("gone", 99), ...fresh, entry("far", 7)] };
  assert.equal(ids(refreshed(known, fresh, entry("me", 20))), "0123456789mefar");
  const whole = refreshed(known, fresh.slice(0, 3), entry("2", 88));
  assert.equal(ids(whole), "012", "fewer than ten are all there are");
});

test("a player who rises into the top ten appears once", () => {
  const fresh = Array.from({ length: 10 }, (_, index) => entry(String(index), 90 - index));
  const known = { order: ORDER, topN: 100, items: [entry("1", 7), entry("far", 5)] };
  assert.equal(ids(refreshed(known, fresh, null)), "0123456789far");
});

test("an own entry further down keeps its reported rank", () => {
  const fresh = Array.from({ length: 10 }, (_, index) => entry(String(index), 90 - index));
  const nobody = { order: ORDER, topN: 100, items: [] };
  const [me] = refreshed(nobody, fresh, { ...entry("me", 20), rank: 25 }).slice(-1);
  assert.deepEqual([me.userId, me.rank], ["me", 25]);
});

test("a period's id has a kind", () => {
  const kinds = ["all", "2026-11", "2026-W47", "2026-11-21"].map(kindOf);
  assert.deepEqual(kinds, ["all", "monthly", "weekly", "daily"]);
});
