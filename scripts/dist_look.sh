#!/usr/bin/env bash
# Looks at what scripts/dist.sh has made in the folder given, as whoever gets it would: checksums; the Debian package unpacked into a root of
# its own, its server started on the package's own configuration; the npm package installed in a fresh project, compiled against, and calling over
# the server of the archive; the wheel, when there is one, in a fresh environment and calling over that server.
set -euo pipefail
folder=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d)
# The server and the bot are started below.
trap 'jobs -p | xargs --no-run-if-empty kill 2>/dev/null || true; wait; rm -rf "$work"' EXIT

fail() {
  echo "$*" >&2
  exit 1
}

# Starts the program with the options given, only on a free port and with data elsewhere, and waits until it answers at $address.
start() {
  rm -rf "$work/data"
  mkdir -m 0700 "$work/data"
  # Made here, so that it is there before the server is: the next lines look into it.
  : >"$work/said"
  "$1" serve "${@:2}" --data "$work/data" --listen 127.0.0.1:0 >"$work/said" 2>"$work/log" &
  server=$!
  address=$(tail --pid=$server -f "$work/said" | grep --line-buffered -m 1 -oE '127\.0\.0\.1:[0-9]+' || true)
  [ -n "$address" ] || fail "the packed server does not start: $(cat "$work/log")"
  python3 -c "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=60).read()" "http://$address/healthz" || fail "the packed server does not answer"
}

stop() {
  kill "$server"
  wait "$server" || fail "the packed server does not stop in order: $(cat "$work/log")"
}

# To sign in with, at the server that runs.
token() {
  "$work"/wigwag-*/wigwag token --data "$work/data" "$1"
}

look_at_archive() {
  tar --extract --directory "$work" --file "$folder"/wigwag-*.tar.gz
  "$work"/wigwag-*/wigwag --version | grep -qE "^commit +$(git rev-parse --short=12 HEAD)(,|$)" || fail "the program does not name the commit it was built from"
  # Symbols would be three quarters of it.
  ! readelf --sections "$work"/wigwag-*/wigwag | grep -q '\.symtab' || fail "the program is not stripped"
}

look_at_deb() {
  local root=$work/root name
  dpkg-deb --extract "$folder"/wigwag_*.deb "$root"
  dpkg-deb --control "$folder"/wigwag_*.deb "$work/control"
  for name in postinst prerm postrm; do
    sh -n "$work/control/$name"
  done
  grep -q '^ExecStart=/usr/bin/wigwag serve --config /etc/wigwag/wigwag.toml$' "$root/lib/systemd/system/wigwag.service" || fail "the unit starts something else"
  zcat "$root/usr/share/man/man1/wigwag.1.gz" >"$work/wigwag.1"
  for name in $("$root/usr/bin/wigwag" --help | awk '/^Commands:/,/^$/' | awk '/^  [a-z]/ && $1 != "help" { print $1 }'); do
    grep -q "^\.SH \"WIGWAG ${name^^}\"$" "$work/wigwag.1" || fail "the manual page says nothing of $name"
  done
  if command -v groff >/dev/null; then
    [ -z "$(groff -man -Tutf8 "$work/wigwag.1" 2>&1 >/dev/null)" ] || fail "groff has something to say about the manual page"
  fi
  start "$root/usr/bin/wigwag" --config "$root/etc/wigwag/wigwag.toml"
  stop
}

# The example of the tutorial, in a project that has nothing but the package and the compiler. Then the program of the package's README calls.
look_at_npm() {
  local app=$work/app
  mkdir "$app"
  cp sdk/typescript/examples/call/call.ts "$app"
  (cd "$app" && npm init --yes --init-type=module >/dev/null && npm install --silent --no-audit --no-fund --ignore-scripts "$folder"/wigwag-sdk-*.tgz)
  (cd "$app" && node "$OLDPWD/sdk/typescript/node_modules/typescript/bin/tsc" --noEmit --strict --target es2022 --lib es2023,dom,dom.iterable \
    --module esnext --moduleResolution bundler --types '' call.ts)
  cp -r sdk/typescript/node_modules/ws "$app/node_modules/ws"
  awk '/^```/ { on = 0 } on { print } /^```ts$/ && !seen { on = seen = 1 }' "$app/node_modules/@wigwag/sdk/README.md" >"$app/example.ts"
  # Its types need those of Node, which are no part of the package.
  (cd "$app" && node "$OLDPWD/sdk/typescript/node_modules/typescript/bin/tsc" --noCheck --target es2022 --module esnext --moduleResolution bundler --types '' example.ts)
  (cd "$app" && timeout 60 node example.js "ws://$address" "$(token alice)" "$(token bob)") >"$work/called" || fail "the npm package does not call: $(cat "$work/called")"
  grep -qx 'bob is coming' "$work/called" || fail "the npm package does not hear the answer: $(cat "$work/called")"
}

# Alice and a bot, in an environment that has nothing but the wheel.
look_at_wheel() {
  local python=$work/venv/bin/python examples=$PWD/sdk/python/examples bot
  python3 -m venv "$work/venv"
  "$python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps "$1"
  : >"$work/answered"
  (cd "$work" && exec "$python" "$examples/answer_every_call.py" "ws://$address" "$(token bot)") >"$work/answered" &
  bot=$!
  grep -m 1 -q 'bot answers' < <(tail --pid=$bot -f "$work/answered") || fail "the wheel does not connect"
  (cd "$work" && timeout 60 "$python" "$examples/caller.py" "ws://$address" "$(token alice)" bot dinner) >"$work/called" || fail "the wheel does not call: $(cat "$work/called")"
  grep -qx 'accepted by bot' "$work/called" || fail "the wheel does not hear the answer: $(cat "$work/called")"
  kill "$bot"
  wait "$bot" || true
}

(cd "$folder" && sha256sum --check --quiet SHA256SUMS)
look_at_archive
if compgen -G "$folder/wigwag_*.deb" >/dev/null; then look_at_deb; fi
start "$work"/wigwag-*/wigwag
look_at_npm
for wheel in "$folder"/*.whl; do
  if [ -e "$wheel" ]; then look_at_wheel "$wheel"; fi
done
stop
python3 - "$folder"/wigwag-*.cdx.json <<'PROGRAM'
import json, sys
made = json.load(open(sys.argv[1]))
names = {part["name"] for part in made["components"]}
assert made["specVersion"] == "1.5" and {"tokio", "rusqlite", "wigwag-engine", "preact"} <= names, sorted(names)
assert "proptest" not in names, "what only tests need is in the list"
refs = {part["bom-ref"] for part in made["components"]} | {made["metadata"]["component"]["bom-ref"]}
assert all({need["ref"], *need.get("dependsOn", [])} <= refs for need in made["dependencies"])
PROGRAM
echo "what is packed in $(basename "$folder") unpacks, calls, starts and compiles"
