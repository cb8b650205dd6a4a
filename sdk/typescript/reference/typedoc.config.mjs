// One module of the reference for each subpath that the package exports.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { exports } = JSON.parse(readFileSync(here("../package.json"), "utf8"));
// Several names stand for one module.
const sources = [
  ...new Set(
    Object.values(exports)
      .map((target) => target.import?.default)
      .filter((built) => built !== undefined)
      .map((built) => here(`../${built.replace("./dist/esm/", "src/").replace(/\.js$/, ".ts")}`)),
  ),
];

/** @type {import("typedoc").TypeDocOptions} */
export default {
  name: "@wigwag/sdk",
  readme: here("../README.md"),
  entryPoints: sources,
  tsconfig: here("./tsconfig.json"),
  out: here("./out"),
  excludeInternal: true,
  excludePrivate: true,
  includeVersion: true,
  disableGit: true,
  sourceLinkTemplate: "{path}",
  hideGenerator: true,
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  // A field whose name says it all needs no words; everything that can be imported or called does.
  requiredToBeDocumented: ["Enum", "Variable", "Function", "Class", "Interface", "Method", "Accessor", "TypeAlias"],
  // The table of the calls that are not there, by why, and what is used of LiveKit's client, which an app hands in as it is: nobody names them.
  intentionallyNotExported: ["WHY", "Words", "LiveKitRoom"],
  validation: { notExported: true, invalidLink: true, notDocumented: true },
};
