import assert from "node:assert/strict";
import { test } from "node:test";
import { change, csv, filled, pushed, query, ranges, share } from "../../arcade/insights/shape.js";

const NOON = Date.UTC(2026, 10, 21, 12);

test("a range ends today, and the one before it ends the day before it begins", () => {
  assert.deepEqual(ranges(7, NOON), {
    now: { from: "2026-11-15", to: "2026-11-21" },
    before: { from: "2026-11-08", to: "2026-11-14" },
  });
  assert.deepEqual(ranges(1, NOON).before, { from: "2026-11-20", to: "2026-11-20" });
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
