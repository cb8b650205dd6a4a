#!/usr/bin/env bash
# The Python package. `build` makes a wheel for release in target/wheels, small as the C library is; `wheel` makes a debug build of it in target/python-wheel, and names it. `test` checks and tests a debug build of it
# against the server that cargo built. `examples` installs a debug build, and names the python that has it; `environment` names it
# without. `figures` measures the one for release; a busy machine tells more with real-time priority (chrt -r 10). What they need from PyPI goes into an environment of their own below
# target/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

TARGET=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
VENV=$TARGET/python-venv
NEEDS=sdk/python/requirements-test.txt
# The oldest Python that the package serves is 3.9; its tests and tools need this one.
LEAST_PYTHON=3.11

require() {
  python3 -c "
import sys
least = tuple(map(int, '$LEAST_PYTHON'.split('.')))
import ensurepip, venv
sys.exit(0 if sys.version_info >= least else 1)" 2>/dev/null && return
  echo "The Python package needs Python $LEAST_PYTHON or later with venv. On Debian and Ubuntu: apt-get install python3 python3-venv" >&2
  return 1
}

# Again only when the list of what is needed has changed.
make_environment() {
  if ! cmp -s "$NEEDS" "$VENV/installed.txt"; then
    rm -rf "$VENV"
    python3 -m venv "$VENV"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$NEEDS"
    cp "$NEEDS" "$VENV/installed.txt"
  fi
}

# Of the profile given, into the folder given; prints where the wheel is.
make_wheel() {
  rm -rf "$2"
  (cd sdk/python && "$VENV/bin/python" -m maturin build --quiet --locked --profile "$1" --out "$2" >&2)
  ls "$2"/*.whl
}

check() {
  local bin=$VENV/bin
  cd sdk/python
  "$bin/ruff" check --quiet
  "$bin/ruff" format --quiet --check || { echo "sdk/python is not formatted: (cd sdk/python && $bin/ruff format)" >&2; return 1; }
  "$bin/python" -m mypy
  cd ../..
}

install_wheel() {
  local wheel
  wheel=$(make_wheel "$1" "$TARGET/python-wheel")
  "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --force-reinstall "$wheel"
}

case "${1:-}" in
  require)
    require
    ;;
  build)
    require
    make_environment
    make_wheel native "$TARGET/wheels"
    ;;
  wheel)
    require
    make_environment
    make_wheel dev "$TARGET/python-wheel"
    ;;
  test)
    require
    make_environment
    check
    install_wheel dev
    scripts/server.sh
    cargo build --locked --package wigwag-client-ffi
    (cd sdk/python && PYTHONDONTWRITEBYTECODE=1 "$VENV/bin/python" -m pytest --quiet "${@:2}")
    ;;
  examples)
    require
    make_environment
    install_wheel dev >&2
    echo "$VENV/bin/python"
    ;;
  environment)
    require
    make_environment
    echo "$VENV/bin/python"
    ;;
  figures)
    require
    make_environment
    install_wheel native
    cargo build --release --locked --package wigwag-server
    (cd sdk/python && WIGWAG_BIN=$TARGET/release/wigwag PYTHONDONTWRITEBYTECODE=1 "$VENV/bin/python" tests/figures.py)
    ;;
  *)
    echo "usage: scripts/python.sh build | wheel | test | examples | environment | figures | require" >&2
    exit 2
    ;;
esac
