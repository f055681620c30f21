import assert from "node:assert/strict";
import { test } from "node:test";

import { scale } from "../../arcade/creators/scale.js";

const CASES = [
  [[], 1, null],
  [[0, 0], 1, null],
  [[1], 1, null],
  [[2, 1], 2, 1],
  [[3], 4, 2],
  [[5], 5, 2.5],
  [[6], 10, 5],
  [[10], 10, 5],
  [[11], 20, 10],
  [[999], 1000, 500],
  [[1001], 2000, 1000],
];

for (const [values, top, half] of CASES) {
  test(`an axis for ${values} ends at ${top}`, () => assert.deepEqual(scale(values), { top, half }));
}

test("no column is higher than its axis, and none is lost at its foot", () => {
  for (let most = 1; most < 100_000; most = Math.ceil(most * 1.7)) {
    const { top } = scale([most]);
    assert.ok(top >= most && top <= 2.5 * most, String(most));
  }
});
