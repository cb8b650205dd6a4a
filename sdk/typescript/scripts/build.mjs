// Builds dist/: the same modules twice, for `import` and for `require`, each with its declarations. Not bundled: surfaces that
// come as subpaths share the client's modules, and apps bundle for themselves. Tencent's surface and the bridge for OpenIM's web package are
// scripts too, for pages that do not.
import { execFileSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { shortened } from "./inner.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const typescript = createRequire(import.meta.url).resolve("typescript/package.json");
const tsc = join(dirname(typescript), "bin", "tsc");

rmSync(join(root, "dist"), { recursive: true, force: true });
for (const [kind, type] of [
  ["esm", "module"],
  ["cjs", "commonjs"],
]) {
  execFileSync(process.execPath, [tsc, "--project", `tsconfig.${kind}.json`], { cwd: root, stdio: "inherit" });
  const folder = join(root, "dist", kind);
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith(".js"));
  const modules = Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), "utf8")]));
  for (const [file, text] of Object.entries(shortened(modules, kind === "esm" ? "module" : "script"))) {
    writeFileSync(join(folder, file), text);
  }
  writeFileSync(join(folder, "package.json"), `{ "type": "${type}", "sideEffects": false }\n`);
}
for (const [script, entry, target] of [
  ["openim-bridge.js", "openim/script.js", "es2022"],
  // Pages with a script of Tencent's serve older browsers too.
  ["tencent.js", "tencent/script.js", "es2017"],
]) {
  await build({
    entryPoints: [join(root, "dist", "esm", entry)],
    outfile: join(root, "dist", script),
    bundle: true,
    minify: true,
    format: "iife",
    target,
  });
}
// The package carries the licences of the project.
for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"]) {
  copyFileSync(join(root, "..", "..", licence), join(root, licence));
}
