import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { aimOf } from "../../arcade/games/bricks/autopilot.js";
import {
  BALL, brickAt, HEIGHT, launch, LIVES, newGame, PADDLE, step, STEP_MS, WIDTH,
} from "../../arcade/games/bricks/rules.js";
import { seeded } from "../../arcade/games/random.js";

const { limits } = JSON.parse(readFileSync("config/game-config/bricks.json"));
const STEPS_A_MINUTE = 60_000 / STEP_MS;

function played(seed, steps, look = () => {}) {
  const game = newGame(seeded(seed));
  for (let count = 1; count <= steps && !game.over; count += 1) {
    launch(game);
    step(game, aimOf(game));
    look(game, count * STEP_MS);
  }
  return game;
}

function aimedAt(row, column, { dx = 0, dy = -300 } = {}) {
  const game = newGame(seeded(1));
  const { x, y, width, height } = brickAt(row, column);
  game.ball = { x: x + width / 2, y: y + height + BALL + 2, dx, dy };
  return game;
}

test("a ball waits on the paddle until it is served", () => {
  const game = newGame(seeded(1));
  step(game, { to: 100 });
  assert.equal(game.ball.x, game.paddle);
  launch(game);
  step(game);
  assert.ok(game.ball.y < PADDLE.y - BALL);
  const { dx, dy } = game.ball;
  launch(game);
  assert.deepEqual([game.ball.dx, game.ball.dy], [dx, dy], "a ball on its way is served no more");
});

test("a brick that is hit is gone, counts, and sends the ball back", () => {
  const game = aimedAt(5, 3);
  while (!game.events.length) step(game);
  assert.deepEqual(game.events, [{ kind: "broken", row: 5, column: 3 }]);
  assert.equal(game.score, 10);
  assert.ok(game.ball.dy > 0);
});

test("a brick of two hits cracks first", () => {
  const game = aimedAt(5, 3);
  game.bricks[5][3] = 2;
  while (!game.events.length) step(game);
  assert.equal(game.events[0].kind, "cracked");
  assert.equal(game.score, 0);
});

test("where the ball meets the paddle decides where it goes", () => {
  const met = (offset) => {
    const game = newGame(seeded(1));
    game.ball = { x: game.paddle + offset, y: PADDLE.y - BALL - 1, dx: 0, dy: 300 };
    step(game);
    return game.ball;
  };
  assert.ok(met(-20).dx < 0);
  assert.ok(met(20).dx > 0);
  assert.ok(met(0).dy < 0);
  assert.ok(met(60).dy > 0, "beside the paddle it falls on");
});

test("keys and pointers move the paddle, and never out of the field", () => {
  const game = newGame(seeded(1));
  for (let count = 0; count < 300; count += 1) step(game, { push: -1 });
  assert.equal(game.paddle, PADDLE.width / 2);
  for (let count = 0; count < 300; count += 1) step(game, { to: 10_000 });
  assert.equal(game.paddle, WIDTH - PADDLE.width / 2);
});

test("three lost balls end the play", () => {
  const game = newGame(seeded(1));
  for (let lost = 1; lost <= LIVES; lost += 1) {
    game.ball = { x: 20, y: HEIGHT, dx: 0, dy: 300 };
    do step(game);
    while (!game.events.some(({ kind }) => kind === "lost"));
    assert.equal(game.lives, LIVES - lost);
  }
  assert.equal(game.over, "lost");
  step(game);
  assert.deepEqual(game.events, []);
});

test("an empty wall brings the next one, faster", () => {
  const game = aimedAt(5, 3);
  game.bricks = game.bricks.map((row) => row.map(() => 0));
  game.bricks[5][3] = 1;
  while (!game.events.length) step(game);
  assert.equal(game.level, 1);
  assert.ok(game.bricks.flat().some(Boolean));
  assert.equal(game.ball.dy, 0, "the ball is to be served again");
});

test("the ball stays inside, and never flies so flat that it would not come down", () => {
  for (let seed = 0; seed < 10; seed += 1) {
    played(seed, STEPS_A_MINUTE, ({ ball }) => {
      assert.ok(ball.x >= BALL - 1e-9 && ball.x <= WIDTH - BALL + 1e-9 && ball.y >= BALL - 1e-9);
      assert.ok(!ball.dy || Math.abs(ball.dy) >= 0.19 * Math.hypot(ball.dx, ball.dy));
    });
  }
});

test("a seed gives the same play each time", () => {
  const told = (seed) => JSON.stringify(played(seed, STEPS_A_MINUTE / 4));
  assert.equal(told(3), told(3));
  assert.notEqual(told(3), told(4));
});

test("the edge's limits leave twice what a player who never misses has ever scored", () => {
  let most = 0;
  for (let seed = 0; seed < 30; seed += 1) {
    const game = played(seed, 2 * STEPS_A_MINUTE, ({ score }, ms) => {
      if (ms < limits.playMs.min) return;
      most = Math.max(most, (score * 1000) / ms);
    });
    assert.ok(game.score > 500);
  }
  assert.ok(most * 2 <= limits.perSecond, `${most} points a second`);
  const longest = (limits.playMs.max / 1000) * most;
  assert.ok(limits.score.max < limits.perSecond * (limits.playMs.max / 1000), "the maximum says something");
  assert.ok(longest > 0);
});
