import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const SRC = fileURLToPath(new URL("../../src/", import.meta.url));

/** The folders of `src` from the ground up. A file imports from its own folder and from floors below it. */
const FLOORS = [
  ["strings"],
  ["session", "people"],
  ["kit", "presence"],
  ["chat", "media", "push", "quiet", "rooms", "signin", "timeline"],
  ["sound"],
  ["calls", "class", "live"],
  ["app"],
  ["main.tsx", "worker"],
];

/** The files that each file imports, types included; all relative to `src`. */
const IMPORTS: ReadonlyMap<string, readonly string[]> = new Map(
  readdirSync(SRC, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => [file, importsOf(file)]),
);

test("every import is read", () => {
  expect(IMPORTS.size).toBeGreaterThan(50);
  expect(IMPORTS.get("main.tsx")).toEqual(["app/app.tsx", "kit/preferences.ts"]);
  expect(IMPORTS.get("class/props.ts")).toEqual(["kit/notices.ts", "class/lesson.ts"]);
});

test("no import leads up, or across to a neighbour: the kit imports no scene", () => {
  const wrong = [...IMPORTS].flatMap(([file, targets]) =>
    targets.filter((target) => !mayImport(file, target)).map((target) => `${file} imports ${target}`),
  );
  expect(wrong).toEqual([]);
});

test("no imports form a circle", () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, way: readonly string[]) => {
    if (way.includes(file)) {
      circles.push([...way.slice(way.indexOf(file)), file].join(" -> "));
    } else if (!done.has(file)) {
      for (const target of IMPORTS.get(file) ?? []) {
        visit(target, [...way, file]);
      }
      done.add(file);
    }
  };
  for (const file of IMPORTS.keys()) {
    visit(file, []);
  }
  expect(circles).toEqual([]);
});

function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), "utf8");
  const named = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+)\.js"/g);
  return [...named].map(([, name = ""]) => {
    const stem = normalize(join(dirname(file), name));
    return existsSync(join(SRC, `${stem}.tsx`)) ? `${stem}.tsx` : `${stem}.ts`;
  });
}

function mayImport(file: string, target: string): boolean {
  return roomOf(file) === roomOf(target) || floorOf(target) < floorOf(file);
}

function floorOf(file: string): number {
  const floor = FLOORS.findIndex((rooms) => rooms.includes(roomOf(file)));
  expect(floor, `${file} stands in a folder without a floor`).toBeGreaterThanOrEqual(0);
  return floor;
}

/** The folder of a file, or the file itself where it stands in none. */
function roomOf(file: string): string {
  return file.split("/")[0] ?? file;
}
