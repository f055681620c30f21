import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, change, changes, compared, csv, filled, pushed, query, range, share } from "../../arcade/insights/shape.js";

const NOON = Date.UTC(2026, 10, 21, 12);

test("a range ends today", () => {
  assert.deepEqual(range(7, NOON), { from: "2026-11-15", to: "2026-11-21" });
  assert.deepEqual(range(1, NOON), { from: "2026-11-21", to: "2026-11-21" });
});

test("the same parts are compared, and what they are is said", () => {
  const part = (times, failed) => ({ times, failed, cache: { hits: 0 }, duration: { p50Ms: 2, p95Ms: null } });
  const found = changes({ now: part(30, 3), before: part(20, 1) });
  assert.deepEqual(found, { requests: 50, failed: 100, "from.cache": null, p50: 0, p95: null });
  assert.deepEqual(changes(null), {});
  assert.equal(compared({ from: "2026-11-20", to: "2026-11-20", hours: 9 }), "2026-11-20, – 09:00 UTC");
  assert.equal(compared({ from: "2026-11-01", to: "2026-11-07", hours: 24 }), "2026-11-01 – 2026-11-07");
});

test("requests are those of the last hour, of an hour or of a day", () => {
  assert.deepEqual(asked({ fn: "a" }, NOON), { fn: "a", minutes: "60" });
  assert.deepEqual(asked({ when: "last", day: "2026-11-01" }, NOON), { minutes: "60" });
  assert.deepEqual(asked({ when: "9" }, NOON), { day: "2026-11-21", hour: "9" });
  assert.deepEqual(asked({ when: "day", day: "2026-11-01" }, NOON), { day: "2026-11-01", hour: "" });
  // A link to one request names its day alone.
  assert.deepEqual(asked({ id: "x", day: "2026-11-01" }, NOON), { id: "x", day: "2026-11-01", hour: "" });
});

test("a change is in per cent, and unknown where there was nothing", () => {
  assert.equal(change(150, 100), 50);
  assert.equal(change(0, 100), -100);
  assert.equal(change(5, 0), null);
  assert.equal(change(null, 5), null);
  assert.equal(share(1, 3), 33.3);
  assert.equal(share(0, 0), 0);
});

test("hours and days without a request are shown, up to now", () => {
  const span = { from: "2026-11-21", to: "2026-11-21" };
  const hours = filled([{ at: "2026-11-21T03", times: 5 }], span, NOON);
  assert.equal(hours.length, 13);
  assert.deepEqual(hours.map(({ times }) => times).filter(Boolean), [5]);
  const days = filled([{ at: "2026-11-20", times: 2 }], { from: "2026-11-15", to: "2026-11-21" }, NOON);
  assert.equal(days.length, 7);
  assert.equal(days[5].times, 2);
});

test("values are separated as spreadsheets read them, and none is a formula", () => {
  const text = csv(["a", "b"], [["x,y", 'say "hi"'], ["=1+1", null], [-5, "+x"]]);
  assert.equal(text, 'a,b\r\n"x,y","say ""hi"""\r\n\'=1+1,\r\n-5,\'+x\r\n');
});

test("a query leaves out empty filters and escapes the others", () => {
  assert.equal(query({ fn: "", status: "4xx", id: "a=b&c" }), "?status=4xx&id=a%3Db%26c");
  assert.equal(query({}), "");
});

test("a pushed version is its settings with the source", () => {
  assert.deepEqual(pushed("1", '{"tags":["a"],"source":"2"}'), { tags: ["a"], source: "1" });
  assert.throws(() => pushed("1", "[]"));
  assert.throws(() => pushed("1", "{"));
});
