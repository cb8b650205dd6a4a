#!/usr/bin/env bash
# Builds the TypeScript SDK (`build`), or checks and tests it against the server that cargo built (`test`).
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

# Only when the lock file is newer than what is installed.
install_packages() {
  if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
    npm ci --no-audit --no-fund
  fi
}

require_node
case "${1:-}" in
  node) ;;
  build)
    install_packages
    npm run --silent build
    ;;
  test)
    install_packages
    npm run --silent check
    cargo build --package wigwag-server --locked
    npm test --silent
    ;;
  *)
    echo "usage: scripts/sdk.sh build | test | node" >&2
    exit 2
    ;;
esac
