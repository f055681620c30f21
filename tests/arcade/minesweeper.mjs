import assert from "node:assert/strict";
import { test } from "node:test";

import { nextMove } from "../../arcade/games/minesweeper/autopilot.js";
import { ALL, count, MINES, neighbours, SQUARES } from "../../arcade/games/minesweeper/field.js";
import { opensByReasoning } from "../../arcade/games/minesweeper/reasoning.js";
import { chord, flag, minesLeft, newGame, reveal } from "../../arcade/games/minesweeper/rules.js";
import { seeded } from "../../arcade/games/random.js";

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);

const opened = (seed = 1, at = 40) => reveal(newGame(seeded(seed)), at);
const numbered = ({ mines, open }) => [...open].find((at) => count(mines, at));

test("the first square is clear, wherever it is, and so is all around it", () => {
  for (const seed of SEEDS) {
    const first = (seed * 7) % SQUARES;
    const { mines, open } = opened(seed, first);
    assert.equal(mines.size, MINES);
    for (const at of [first, ...neighbours(first)]) {
      assert.ok(!mines.has(at));
      assert.ok(open.has(at));
    }
  }
});

test("no field needs a guess", () => {
  for (const seed of SEEDS) assert.ok(opensByReasoning(opened(seed).mines, 40), `seed ${seed}`);
});

test("whoever reasons wins", () => {
  for (const seed of SEEDS.slice(0, 20)) {
    let game = newGame(seeded(seed));
    for (let moves = 0; !game.over && moves < 2 * SQUARES; moves += 1) game = nextMove(game);
    assert.equal(game.over, "won");
    assert.equal(minesLeft(game), 0);
  }
});

test("a field that needs a guess is distinguished from one that reasoning solves", () => {
  // Of the last two squares of the last row one is a mine; the numbers above see both or neither.
  const wall = [96, 105];
  assert.equal(opensByReasoning(new Set([...ALL.slice(0, 15), ...wall, 106]), 60), false);
  assert.equal(opensByReasoning(new Set([...ALL.slice(0, 14), ...wall, 106, 107]), 60), true);
});

test("a mine ends the play", () => {
  const game = opened();
  const [mine] = game.mines;
  const lost = reveal(game, mine);
  assert.equal(lost.over, "lost");
  assert.equal(lost.struck, mine);
  assert.equal(reveal(lost, 0), lost);
  assert.equal(flag(lost, 0), lost);
});

test("a flag keeps a square from being opened until it is taken away", () => {
  const game = opened();
  const [mine] = game.mines;
  const flagged = flag(game, mine);
  assert.equal(reveal(flagged, mine), flagged);
  assert.equal(minesLeft(flagged), MINES - 1);
  assert.equal(minesLeft(flag(flagged, mine)), MINES);
  assert.equal(flag(game, numbered(game)), game, "an open square takes no flag");
});

test("a number with all its flags opens the rest around it", () => {
  const game = opened();
  const at = numbered(game);
  assert.equal(chord(game, at), game, "without flags nothing");
  const flagged = neighbours(at).filter((next) => game.mines.has(next)).reduce(flag, game);
  const chorded = chord(flagged, at);
  assert.ok(neighbours(at).every((next) => chorded.open.has(next) || game.mines.has(next)));
  assert.notEqual(chorded.over, "lost");
});

test("a number with wrong flags opens a mine", () => {
  const game = opened();
  const at = [...game.open].find((open) => {
    const around = neighbours(open).filter((next) => !game.open.has(next));
    return count(game.mines, open) === 1 && around.length > 1;
  });
  const wrong = neighbours(at).find((next) => !game.open.has(next) && !game.mines.has(next));
  assert.equal(chord(flag(game, wrong), at).over, "lost");
});
