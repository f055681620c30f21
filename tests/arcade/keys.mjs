import assert from "node:assert/strict";
import { test } from "node:test";

import { meantForTheGame } from "../../arcade/ui/keys.js";

/** Somewhere on the page: what closest() finds from there. */
const within = (...names) => ({ closest: (selector) => selector.split(", ").some((name) => names.includes(name)) });
const pressed = (code, target = within(), held = {}) => meantForTheGame({ code, target, ...held });

test("a key is for the game, unless the player types, uses a browser shortcut or is elsewhere", () => {
  assert.ok(pressed("KeyA"));
  assert.ok(pressed("Space"));
  assert.ok(pressed("ArrowLeft", within("button")));
  for (const held of ["ctrlKey", "metaKey", "altKey"]) assert.ok(!pressed("KeyD", within(), { [held]: true }));
  for (const place of ["input", "dialog", "[role=tab]"]) assert.ok(!pressed("ArrowLeft", within(place)));
  assert.ok(!pressed("Space", within("button")), "it presses that");
});
