import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { seeded } from "../../arcade/games/random.js";
import { heading } from "../../arcade/games/snake/autopilot.js";
import {
  cell, COLUMNS, distance, newGame, place, ROWS, score, step, stepMs, turn,
} from "../../arcade/games/snake/rules.js";

const config = JSON.parse(readFileSync("config/game-config/snake.json"));

function begun(changes = {}) {
  return { ...newGame(seeded(1)), ...changes };
}

function stepped(game, times) {
  return times ? stepped(step(game), times - 1) : game;
}

test("it goes on straight, and its length stays", () => {
  const game = stepped(begun({ fruit: cell(0, 0) }), 3);
  assert.deepEqual(place(game.body[0]), [11, 8]);
  assert.equal(game.body.length, 3);
});

test("a turn back, and the same turn again, are none", () => {
  const game = begun();
  assert.equal(turn(game, "left"), game);
  assert.equal(turn(game, "right"), game);
});

test("two quick turns both count, a third waits for nobody", () => {
  const turned = ["up", "left", "down"].reduce(turn, begun({ fruit: cell(0, 0) }));
  assert.deepEqual(turned.turns, ["up", "left"]);
  assert.deepEqual(place(stepped(turned, 2).body[0]), [7, 7]);
});

test("a fruit makes it longer, faster and richer, and the next one is not too near", () => {
  const hungry = begun({ fruit: cell(9, 8) });
  const fed = step(hungry);
  assert.equal(fed.body.length, 4);
  assert.equal(score(fed), 5);
  assert.ok(stepMs(fed) < stepMs(hungry));
  assert.ok(distance(fed.fruit, fed.body[0]) >= 5);
  assert.ok(!fed.body.includes(fed.fruit));
});

test("walls and its own body end the play, and then nothing moves", () => {
  const crashed = stepped(begun({ fruit: cell(0, 0) }), 9);
  assert.equal(crashed.over, "wall");
  assert.equal(step(crashed), crashed);
  assert.equal(turn(crashed, "up"), crashed);
  const long = begun({ body: [cell(5, 5), cell(4, 5), cell(3, 5), cell(2, 5), cell(1, 5)] });
  const bitten = stepped(["down", "left"].reduce(turn, long), 2);
  assert.equal(step(turn(bitten, "up")).over, "self");
});

test("the cell its tail leaves is free", () => {
  const body = [cell(5, 5), cell(5, 6), cell(4, 6), cell(4, 5)];
  const circling = begun({ body, heading: "up", fruit: cell(0, 0) });
  assert.equal(step(turn(circling, "left")).over, null);
});

test("the last free cell ends the play as a triumph", () => {
  const path = Array.from({ length: ROWS }, (_, y) =>
    Array.from({ length: COLUMNS }, (_, x) => cell(y % 2 ? COLUMNS - 1 - x : x, y)),
  ).flat();
  const [last, ...body] = path.reverse();
  const game = begun({ body, heading: "right", fruit: last });
  const full = step(turn(game, place(last)[0] > place(body[0])[0] ? "right" : "left"));
  assert.equal(full.over, "full");
  assert.equal(full.fruit, null);
  assert.ok(score(full) <= config.limits.score.max);
});

test("a seed gives the same play each time", () => {
  const play = (seed) => {
    let game = newGame(seeded(seed));
    for (let count = 0; count < 400; count += 1) game = step(turn(game, heading(game)));
    return JSON.stringify(game);
  };
  assert.equal(play(7), play(7));
  assert.notEqual(play(7), play(8));
});

test("no play is ever too fast for the edge, nor too short", () => {
  let most = 0;
  for (let seed = 0; seed < 12; seed += 1) {
    let game = newGame(seeded(seed));
    let ms = 0;
    while (!game.over && ms < 200_000) {
      ms += stepMs(game);
      game = step(turn(game, heading(game)));
      assert.ok(score(game) * 1000 <= config.limits.perSecond * ms, `seed ${seed}`);
    }
    most = Math.max(most, score(game));
  }
  assert.ok(most > 200, "the autopilot plays well enough to tell");
  const blind = stepped(newGame(seeded(1)), 8);
  assert.ok(8 * stepMs(newGame(seeded(1))) >= config.limits.playMs.min && !blind.over);
});
