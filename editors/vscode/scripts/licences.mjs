// Writes `dist/LICENSES.txt`: the licences of the libraries that are in the bundled extension.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { build } from "esbuild";

const { metafile } = await build({
  entryPoints: ["src/extension.ts"],
  bundle: true,
  platform: "node",
  external: ["vscode"],
  metafile: true,
  write: false,
});

const packages = new Set(
  Object.keys(metafile.inputs).flatMap((file) => {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file);
    return found === null ? [] : [found[1]];
  }),
);

const licences = [...packages].sort().map((folder) => {
  const { name, version } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) {
    throw new Error(`${name} has no licence`);
  }
  return `${name} ${version}\n\n${readFileSync(path.join(folder, file), "utf8").trim()}\n`;
});
mkdirSync("dist", { recursive: true });
writeFileSync("dist/LICENSES.txt", licences.join(`\n${"-".repeat(79)}\n\n`));
