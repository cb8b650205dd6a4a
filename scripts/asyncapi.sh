#!/usr/bin/env bash
# Shows spec/asyncapi.json to AsyncAPI's own parser, which must take it without notice. It is 54 MB of npm packages for a document
# that only the generator changes, so it is run by hand after a change there, and not by `make test`.
set -euo pipefail
document=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/spec/asyncapi.json
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @asyncapi/parser@3
cat >check.mjs <<'PROGRAM'
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], "utf8"));
for (const { code, path, message } of diagnostics) {
  console.error(`${path.join(".")}: ${message} (${code})`);
}
process.exitCode = document !== undefined && diagnostics.length === 0 ? 0 : 1;
PROGRAM
node check.mjs "$document"
echo "spec/asyncapi.json is taken without notice"
