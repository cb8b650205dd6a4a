import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const src = new URL("../../src/", import.meta.url);

/** The code of a folder's files, without comments. */
function code(folder: string): [file: string, code: string][] {
  const files = readdirSync(new URL(folder, src)).filter((file) => file.endsWith(".ts"));
  return files.map((file) => {
    const text = readFileSync(new URL(folder + file, src), "utf8");
    return [folder + file, text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "")];
  });
}

test("the machine and the book have no clock, no chance and no socket of their own", () => {
  const machine = [...code("machine/"), ...code("book/")];
  expect(machine.length).toBeGreaterThan(5);
  for (const [file, text] of machine) {
    const forbidden =
      /\b(Date|performance|setTimeout|setInterval|queueMicrotask|Promise|async|Math\.random|crypto|WebSocket|globalThis|document)\b/;
    expect(forbidden.exec(text)?.[0], file).toBeUndefined();
    expect(/from "\.\.\/(transport|driver|client|ids|options)/.exec(text)?.[0], file).toBeUndefined();
  }
});

test("the transport knows nothing of requests, and the wire types nothing of anything", () => {
  for (const [file, text] of code("transport/")) {
    expect(/from "\.\.\/(machine\/machine|api|client|driver|wire)/.exec(text)?.[0], file).toBeUndefined();
  }
  for (const [file, text] of code("wire/")) {
    expect(/from "\.\./.exec(text)?.[0], file).toBeUndefined();
  }
});

test("a surface is built on the client; the client knows of no surface", () => {
  const surfaces = readdirSync(src, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !OWN.includes(entry.name));
  expect(surfaces.map(({ name }) => name).sort()).toEqual(["openim", "tencent", "trtc", "v2tim"]);
  const own = ["./", ...OWN.map((folder) => `${folder}/`)];
  for (const [file, text] of own.flatMap((folder) => code(folder))) {
    for (const { name } of surfaces) {
      expect(text.includes(`/${name}/`), `${file} imports ${name}`).toBe(false);
    }
  }
  for (const { name } of surfaces) {
    for (const [file, text] of code(`${name}/`)) {
      expect(/from "\.\.\/(machine\/machine|driver|openim|tencent|trtc|v2tim)/.exec(text)?.[0], file).toBeUndefined();
    }
  }
});

/** The folders of the client itself. */
const OWN = ["api", "book", "machine", "transport", "wire"];
