import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { App, root, tsc } from "./built.js";

const EXAMPLE = join(root, "examples/call");

const page = readFileSync(join(root, "../../docs/tutorial.md"), "utf8");

/** The code blocks of the page in this language. */
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map(([, code]) => code ?? "");

const steps = blocks("ts");

describe("the tutorial", () => {
  const app = new App();
  afterAll(() => app.end());

  /** Compiles modules as an app with a bundler would. */
  function compile(modules: Readonly<Record<string, string>>): void {
    for (const [name, code] of Object.entries(modules)) {
      writeFileSync(join(app.folder, name), code);
    }
    const compilerOptions = {
      target: "es2022",
      lib: ["es2023", "dom", "dom.iterable"],
      module: "esnext",
      moduleResolution: "bundler",
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
    };
    writeFileSync(join(app.folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: Object.keys(modules) }));
    tsc(app.folder);
  }

  test("compiles after each of its steps", () => {
    expect(steps.length).toBe(5);
    compile(Object.fromEntries(steps.map((_, number) => [`step-${number + 1}.ts`, steps.slice(0, number + 1).join("\n")])));
  });

  test("would not compile with a mistake", () => {
    expect(() => compile({ "call.ts": `${steps.join("\n")}\nclient.calls.hangUp({ call: 1 });\n` })).toThrow("call.ts");
  });

  test("ends with the example that is played in a browser", () => {
    expect(steps.join("\n")).toBe(readFileSync(join(EXAMPLE, "call.ts"), "utf8"));
    expect(blocks("html")).toEqual([readFileSync(join(EXAMPLE, "index.html"), "utf8")]);
  });
});
