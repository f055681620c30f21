import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";

const folder = new URL("../../arcade/words/", import.meta.url);
const files = readdirSync(folder);
const english = files.filter((name) => /(^|\.)en\.js$/.test(name));
const words = async (name) => (await import(new URL(name, folder))).default;
const gaps = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

test("every dictionary is there twice", () => {
  assert.ok(english.length >= 4);
  assert.equal(files.length, 2 * english.length);
});

for (const name of english) {
  const en = await words(name);
  const ja = await words(name.replace("en.js", "ja.js"));

  test(`${name}: both languages say the same things, and fill in the same`, () => {
    assert.deepEqual(Object.keys(ja), Object.keys(en));
    for (const key of Object.keys(en)) assert.deepEqual(gaps(ja[key]), gaps(en[key]), key);
  });

  test(`${name}: every Japanese sentence is Japanese`, () => {
    const names = /\{\w+\}|htmlgame|Privy|Enter|WASD/g;
    const foreign = Object.keys(ja).filter((key) => /[a-z]{3}/.test(ja[key].replace(names, "")));
    assert.deepEqual(foreign, name === "en.js" ? ["language"] : []);
  });
}
