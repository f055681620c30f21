// Builds sdk/dist; with --check, reports files that are out of date.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { minify } from "terser";

// The SDK of each capability is a module of its own beside this file.
const MODULES = (await readdir(file(".")))
  .filter((name) => name.endsWith(".js"))
  .map((name) => name.slice(0, -".js".length));
const OPTIONS = {
  module: true,
  ecma: 2022,
  compress: { passes: 3 },
  format: { ascii_only: true },
};

function file(path) {
  return fileURLToPath(new URL(path, import.meta.url));
}

async function built(name) {
  const source = await readFile(file(`${name}.js`), "utf8");
  const { code } = await minify(source, OPTIONS);
  return `${code}\n`;
}

async function isStale(name) {
  const committed = await readFile(file(`dist/${name}.min.js`), "utf8").catch(() => "");
  return committed !== (await built(name));
}

async function check() {
  for (const name of MODULES) {
    if (await isStale(name)) {
      console.error(`sdk/dist/${name}.min.js is out of date with sdk/${name}.js; fix: make sdk`);
      process.exitCode = 1;
    }
  }
}

async function build() {
  await mkdir(file("dist"), { recursive: true });
  for (const name of MODULES) {
    await writeFile(file(`dist/${name}.min.js`), await built(name));
  }
}

await (process.argv.includes("--check") ? check() : build());
