// Builds dist/: the same modules twice, for `import` and for `require`, each with its declarations. Not bundled: surfaces that
// come as subpaths share the client's modules, and apps bundle for themselves. Only the bridge for OpenIM's web package is a script too,
// for pages that do not.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const typescript = createRequire(import.meta.url).resolve("typescript/package.json");
const tsc = join(dirname(typescript), "bin", "tsc");

rmSync(join(root, "dist"), { recursive: true, force: true });
for (const [kind, type] of [
  ["esm", "module"],
  ["cjs", "commonjs"],
]) {
  execFileSync(process.execPath, [tsc, "--project", `tsconfig.${kind}.json`], { cwd: root, stdio: "inherit" });
  mkdirSync(join(root, "dist", kind), { recursive: true });
  writeFileSync(join(root, "dist", kind, "package.json"), `{ "type": "${type}", "sideEffects": false }\n`);
}
await build({
  entryPoints: [join(root, "dist", "esm", "openim", "script.js")],
  outfile: join(root, "dist", "openim-bridge.js"),
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
});
// The package carries the licences of the project.
for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"]) {
  copyFileSync(join(root, "..", "..", licence), join(root, licence));
}
