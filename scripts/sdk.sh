#!/usr/bin/env bash
# Builds the TypeScript SDK (`build`), makes its reference from the doc comments (`reference`), checks and tests it against the
# server that cargo built (`test`), or lets it call other languages, and be called by them (`pairs`; scripts/pairs.sh calls it).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../sdk/typescript"

# The oldest Node that is still maintained when this is written.
LEAST_NODE=20

require_node() {
  local found
  found=$(node --print 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
  if [ "$found" -lt "$LEAST_NODE" ] || ! command -v npm >/dev/null; then
    echo "The TypeScript SDK needs Node $LEAST_NODE or later with npm: https://nodejs.org" >&2
    exit 1
  fi
}

# Of the folder given; only when its lock file is newer than what is installed there.
install_packages() {
  if [ ! "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ]; then
    npm ci --prefix "$1" --no-audit --no-fund
  fi
}

make_reference() {
  install_packages reference
  npm run --silent --prefix reference build
}

require_node
case "${1:-}" in
  node) ;;
  build)
    install_packages .
    npm run --silent build
    ;;
  reference)
    make_reference
    echo "sdk/typescript/reference/out/index.html"
    ;;
  test)
    install_packages .
    npm run --silent check
    make_reference
    ../../scripts/server.sh
    ../../scripts/native.sh examples
    npm test --silent
    ;;
  pairs)
    install_packages .
    npx --no-install vitest run test/e2e/native.test.ts --testNamePattern "$2"
    ;;
  *)
    echo "usage: scripts/sdk.sh build | reference | test | pairs NAMES | node" >&2
    exit 2
    ;;
esac
