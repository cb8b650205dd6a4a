#!/usr/bin/env bash
# Builds the web app that the server embeds (`build`), with the SDK it stands on. Without Node it says so and does nothing:
# the server builds all the same, and tells at / how to get its page. Or checks it and plays its stories in a browser (`test`),
# against the server that cargo built with it.
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
  newer=$(find web sdk/typescript \( -name node_modules -o -name dist -o -name out -o -name test \) -prune -o \
    -type f -newer "$BUILT" -print -quit)
  [ -z "$newer" ]
}

require_node() {
  has_node && return
  echo "The tests of the web app need Node $LEAST_NODE or later with npm: https://nodejs.org" >&2
  exit 1
}

# CHROMIUM, or where Debian puts it.
require_chromium() {
  [ -x "${CHROMIUM:-/usr/bin/chromium}" ] && return
  echo "The tests of the web app need Chromium. On Debian: apt-get install chromium. Elsewhere set CHROMIUM to its path." >&2
  exit 1
}

# TURNSERVER, or where Debian puts it.
require_coturn() {
  [ -x "${TURNSERVER:-/usr/bin/turnserver}" ] && return
  echo "The tests of the web app need coturn. On Debian: apt-get install coturn. Elsewhere set TURNSERVER to the path of turnserver." >&2
  exit 1
}

# Of the folder given; only when its lock file is newer than what is installed there.
install_packages() {
  if [ ! "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ]; then
    npm ci --prefix "$1" --no-audit --no-fund
  fi
}

build() {
  scripts/sdk.sh build
  cd web
  install_packages .
  npm run --silent build
  cd ..
}

run_tests() {
  is_fresh || build
  scripts/server.sh
  cd web
  install_packages test/openim
  install_packages test/tencent
  npm run --silent check
  npm test --silent
  npm run --silent test:browser
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
  test)
    require_node
    require_chromium
    require_coturn
    run_tests
    ;;
  chromium) require_chromium ;;
  coturn) require_coturn ;;
  *)
    echo "usage: scripts/web.sh build | test | chromium | coturn" >&2
    exit 2
    ;;
esac
