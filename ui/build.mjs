// The browser app as files to embed:  node build.mjs DIRECTORY [TARGET DEPFILE]
// What is made depends on the sources alone, so that builds can be compared.
import { build } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const [out, target, depfile] = process.argv.slice(2);
if (out === undefined) {
  console.error("usage: node build.mjs DIRECTORY [TARGET DEPFILE]");
  process.exit(64);
}

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx", plot: "src/parts/plot_draw.ts" },
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022"],
  legalComments: "none",
  jsx: "automatic",
  jsxImportSource: "preact",
  outdir: out,
  logLevel: "warning",
  metafile: true,
});
for (const name of ["app.js", "app.css", "plot.js"]) {
  const packed = gzipSync(await readFile(join(out, name)), { level: 9 });
  packed[9] = 255; // of which system: unknown, so that all make the same
  await writeFile(join(out, `${name}.gz`), packed);
}
if (depfile !== undefined) {
  const madeOf = ["build.mjs", "package-lock.json"]
    .concat(Object.keys(metafile.inputs))
    .map((path) => join(here, path).replaceAll(" ", "\\ "));
  await writeFile(depfile, `${target}: ${madeOf.join(" ")}\n`);
}
