#!/usr/bin/env bash
# Builds the web app that the server embeds (`build`), with the SDK it stands on. Without Node it says so and does nothing:
# the server builds all the same, and tells at / how to get its page.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What Vite needs.
LEAST_NODE=20.19
BUILT=web/dist/index.html

has_node() {
  command -v npm >/dev/null && node --eval '
    const [least, found] = [process.argv[1], process.versions.node].map((version) => version.split(".").map(Number));
    process.exit(found[0] > least[0] || (found[0] === least[0] && found[1] >= least[1]) ? 0 : 1);
  ' "$LEAST_NODE" 2>/dev/null
}

# Building again would change nothing but the time of the files, for which cargo would build the server again.
is_fresh() {
  [ -f "$BUILT" ] || return 1
  local newer
  newer=$(find web sdk/typescript \( -name node_modules -o -name dist -o -name test \) -prune -o \
    -type f -newer "$BUILT" -print -quit)
  [ -z "$newer" ]
}

build() {
  scripts/sdk.sh build
  cd web
  if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
    npm ci --no-audit --no-fund
  fi
  npm run --silent build
}

case "${1:-}" in
  build)
    if [ ! -f web/package.json ]; then
      echo "There is no web app in web/: the server is built without its page."
    elif is_fresh; then
      echo "The web app is up to date."
    elif has_node; then
      build
    else
      echo "Without Node $LEAST_NODE or later and npm (https://nodejs.org) the server is built without its web page."
    fi
    ;;
  *)
    echo "usage: scripts/web.sh build" >&2
    exit 2
    ;;
esac
