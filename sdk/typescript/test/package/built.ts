import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the package. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Runs Node with these arguments; gives what it prints. Fails with what it complains. */
export function node(folder: string, ...words: string[]): string {
  try {
    return execFileSync(process.execPath, words, { cwd: folder, encoding: "utf8", stdio: "pipe" });
  } catch (thrown) {
    const { stdout, stderr } = thrown as { stdout: string; stderr: string };
    throw new Error(`${stdout}${stderr}`, { cause: thrown });
  }
}

/** Builds the package, once before all tests: several read it, at the same time. */
export function setup(): void {
  node(root, "scripts/build.mjs");
}

/** The compiler, as `node` runs it. */
export function tsc(folder: string): void {
  const typescript = createRequire(import.meta.url).resolve("typescript/package.json");
  node(folder, join(dirname(typescript), "bin", "tsc"), "--project", ".");
}

/** An app elsewhere, copied from `folder`, that has installed the package. */
export class App {
  readonly folder = mkdtempSync(join(tmpdir(), "wigwag-app-"));

  constructor(from?: string) {
    if (from !== undefined) {
      cpSync(from, this.folder, { recursive: true });
    }
    mkdirSync(join(this.folder, "node_modules", "@wigwag"), { recursive: true });
    symlinkSync(root, join(this.folder, "node_modules", "@wigwag", "sdk"), "dir");
    for (const tool of ["ws", "@types"]) {
      symlinkSync(join(root, "node_modules", tool), join(this.folder, "node_modules", tool), "dir");
    }
  }

  end(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
