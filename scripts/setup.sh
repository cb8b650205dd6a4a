#!/usr/bin/env bash
# Installs what building and testing need, where that is permitted; names what it cannot install.
set -euo pipefail

# Rust, and the two components that `make check` uses.
require_rust() {
  if ! command -v cargo >/dev/null; then
    echo "Rust is missing. Install it with rustup (https://rustup.rs), then run this again." >&2
    exit 1
  fi
  local component
  for component in rustfmt clippy; do
    cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1 && continue
    if command -v rustup >/dev/null && rustup component add "$component"; then
      continue
    fi
    echo "The Rust component $component is missing: rustup component add $component" >&2
    exit 1
  done
}

# SQLite and the TLS library are compiled from C.
require_c_compiler() {
  command -v cc >/dev/null && return
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq && apt-get install -y -qq build-essential && return
  fi
  echo "A C compiler is missing. On Debian and Ubuntu: apt-get install build-essential" >&2
  exit 1
}

# Tests of several nodes run against engines of their own (crates/testbed).
require_engines() {
  local missing=()
  has_postgres || missing+=(postgresql)
  command -v nats-server >/dev/null || [ -x /usr/sbin/nats-server ] || missing+=(nats-server)
  [ "${#missing[@]}" -gt 0 ] || return 0
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    without_main_cluster
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" && return
  fi
  echo "The tests need PostgreSQL 15 or newer and nats-server. On Debian and Ubuntu: apt-get install ${missing[*]}" >&2
  exit 1
}

has_postgres() {
  local folder
  for folder in "$(dirname "$(readlink -f "$(command -v postgres || echo /nowhere)")")" /usr/lib/postgresql/*/bin; do
    [ -x "$folder/postgres" ] && [ -x "$folder/initdb" ] && [ -x "$folder/psql" ] && return
  done
  return 1
}

# Debian's package makes a server of its own and starts it; nobody here needs that one.
without_main_cluster() {
  local settings=/etc/postgresql-common/createcluster.conf
  [ -e "$settings" ] && return
  mkdir -p "${settings%/*}"
  echo "create_main_cluster = false" >"$settings"
}

# The native library is built into C programs by its tests.
require_native_tools() {
  scripts/native.sh require 2>/dev/null && return
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq build-essential cmake pkg-config
  fi
  scripts/native.sh require || exit 1
}

# The Java SDK is compiled and run by its tests.
require_jdk() {
  scripts/java.sh require 2>/dev/null && return
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq default-jdk-headless
  fi
  scripts/java.sh require || exit 1
}

# The tests of the Python package make an environment of their own.
require_python() {
  scripts/python.sh require 2>/dev/null && return
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3 python3-venv
  fi
  scripts/python.sh require || exit 1
}

# The server builds without Node; the tests of the TypeScript SDK need it.
require_node() {
  scripts/sdk.sh node 2>/dev/null && return
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq nodejs npm
  fi
  scripts/sdk.sh node || exit 1
}

# The stories of the web app are played in it.
require_chromium() {
  scripts/web.sh chromium 2>/dev/null && return
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    # Chinese has to be seen as Chinese in the pictures that the tests leave.
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk
  fi
  scripts/web.sh chromium || exit 1
}

# One story of the web app goes through a TURN server.
require_coturn() {
  scripts/web.sh coturn 2>/dev/null && return
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends coturn
  fi
  scripts/web.sh coturn || exit 1
}

# The Debian package is installed in a Debian of its own; without debootstrap that is left out, and said.
get_debootstrap() {
  if ! command -v debootstrap >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends debootstrap iproute2 || true
  fi
}

# These make things faster or check more; nothing fails without them.
name_what_helps() {
  command -v cargo-nextest >/dev/null || echo "Without cargo-nextest the tests run with cargo test (cargo install --locked cargo-nextest)."
  command -v debootstrap >/dev/null || echo "Without debootstrap the Debian package is not installed anywhere by its tests (on Debian and Ubuntu: apt-get install debootstrap)."
  command -v doxygen >/dev/null || echo "Without Doxygen the comments of the C and C++ headers are not checked (on Debian and Ubuntu: apt-get install doxygen)."
}

require_rust
require_c_compiler
if [ "${1:-}" != "--quiet" ]; then
  require_engines
  require_native_tools
  require_jdk
  require_python
  require_node
  require_chromium
  require_coturn
  get_debootstrap
  name_what_helps
fi
