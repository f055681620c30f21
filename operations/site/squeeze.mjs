// Shortens the scripts it is given on standard input: { path: source } becomes { path: shorter }.

import { text } from "node:stream/consumers";
import { minify } from "terser";

const scripts = JSON.parse(await text(process.stdin));
const shorter = {};
for (const [path, source] of Object.entries(scripts)) {
  const module = /^(import|export) /m.test(source);
  const { code } = await minify({ [path]: source }, { module, ecma: 2022, compress: { passes: 3 } });
  shorter[path] = code;
}
process.stdout.write(JSON.stringify(shorter));
