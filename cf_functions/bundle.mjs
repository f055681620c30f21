// Makes one script of each function and what it imports: node bundle.mjs, with
// {"names": […], "api": "/api"} on standard input. Prints {name: {linked, minified}}.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { rollup } from "rollup";
import { minify } from "terser";

const RUNTIME_MODULES = ["cloudfront", "crypto", "querystring"];
const PATHS = fileURLToPath(new URL("lib/paths.js", import.meta.url));
const EXPORT = "\nexport { handler };\n";

const MINIFYING = {
  ecma: 5,
  compress: {
    passes: 3,
    toplevel: true,
    top_retain: ["handler"],
    // Each of these makes async closures, or moves `await` into other expressions. The runtime
    // takes neither.
    inline: false,
    reduce_funcs: false,
    collapse_vars: false,
    sequences: false,
  },
  // Locals with the name of a module would hide it from cf_functions/lint.py.
  mangle: { toplevel: true, reserved: ["handler", "cf", "crypto"] },
};

function withApi(api) {
  return {
    name: "api",
    load: (id) => (id === PATHS ? `export const API = ${JSON.stringify(api)};\n` : null),
  };
}

async function linked(name, api) {
  const bundle = await rollup({
    input: fileURLToPath(new URL(`${name}/function.js`, import.meta.url)),
    external: RUNTIME_MODULES,
    treeshake: { moduleSideEffects: false },
    plugins: [withApi(api)],
    onwarn: (warning) => {
      throw Error(warning.message);
    },
  });
  const { output } = await bundle.generate({ format: "es", generatedCode: "es5" });
  const { code } = output[0];
  // CloudFront looks for a function of this name and knows no exports.
  if (!code.endsWith(EXPORT)) {
    throw Error(`${name}/function.js must export handler, and nothing else`);
  }
  return code.slice(0, -EXPORT.length) + "\n";
}

async function bundled(name, api) {
  const script = await linked(name, api);
  const { code } = await minify(script, MINIFYING);
  return { linked: script, minified: code };
}

const { names, api } = JSON.parse(readFileSync(0, "utf8"));
try {
  const bundles = await Promise.all(names.map((name) => bundled(name, api)));
  console.log(JSON.stringify(Object.fromEntries(names.map((name, i) => [name, bundles[i]]))));
} catch (problem) {
  console.error(problem.message);
  process.exitCode = 1;
}
