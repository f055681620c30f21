// Mutants of JavaScript files: Stryker's mutators, and numbers, which it leaves alone.
//
// Stryker's own runner switches mutants by code that it adds to the file. CloudFront's runtime has
// neither the globals that this code asks for nor the room, so here a mutant is one edit of the file.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules] = process.argv.slice(2);
const installed = createRequire(`${modules}/package.json`);
const stryker = createRequire(installed.resolve("@stryker-mutator/instrumenter"));

const { Instrumenter } = await import(pathToFileURL(stryker.resolve("@stryker-mutator/instrumenter")));
const { parseAsync, traverse } = await import(pathToFileURL(stryker.resolve("@babel/core")));

const QUIET = { debug() {}, info() {}, warn: console.error, isDebugEnabled: () => false };
const OPTIONS = { plugins: null, excludedMutations: [], ignorers: [] };

async function strykers(path, text) {
  const files = [{ name: path, content: text, mutate: true }];
  const { mutants } = await new Instrumenter(QUIET).instrument(files, OPTIONS);
  const lines = lineStarts(text);
  const at = ({ line, column }) => lines[line] + column;
  return mutants.map(({ location, replacement }) =>
    edit(path, text, at(location.start), at(location.end), replacement),
  );
}

async function numbers(path, text) {
  const found = [];
  const tree = await parseAsync(text, { configFile: false, babelrc: false, sourceType: "module" });
  traverse(tree, {
    NumericLiteral({ node: { start, end, value } }) {
      found.push(edit(path, text, start, end, String(value + 1)));
    },
  });
  return found;
}

/** Counted in characters, as Python does, and not in UTF-16's halves. */
function edit(path, text, start, end, replacement) {
  const characters = (place) => [...text.slice(0, place)].length;
  return { path, start: characters(start), end: characters(end), replacement };
}

function lineStarts(text) {
  const starts = [0];
  for (let place = text.indexOf("\n"); place >= 0; place = text.indexOf("\n", place + 1)) {
    starts.push(place + 1);
  }
  return starts;
}

/** Mutants of one place are one another's alternatives, so a place is drawn first. */
function places(mutants) {
  const found = new Map();
  for (const mutant of mutants) {
    const place = `${mutant.path}:${mutant.start}:${mutant.end}`;
    found.set(place, [...(found.get(place) ?? []), mutant]);
  }
  return [...found.values()];
}

/** The same numbers for the same seed, which Math.random cannot give (mulberry32). */
function newChance(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const asked = JSON.parse(readFileSync(0, "utf-8"));
const chance = newChance(asked.seed);
const mutants = [];
for (const path of asked.files) {
  const text = readFileSync(path, "utf-8");
  mutants.push(...(await strykers(path, text)), ...(await numbers(path, text)));
}
const all = places(mutants);
const drawn = [];
for (const left = [...all]; left.length && drawn.length < asked.sample; ) {
  const [place] = left.splice(chance(left.length), 1);
  drawn.push(place[chance(place.length)]);
}
console.log(JSON.stringify({ places: all.length, mutants: drawn }));
