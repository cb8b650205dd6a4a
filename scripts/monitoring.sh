#!/usr/bin/env bash
# Checks the alert rules and the dashboard of deploy/ with a real Prometheus: promtool reads the rules and plays their tests, and
# scripts/monitoring.py lets Prometheus scrape the server that cargo built. Prometheus is the one that is installed, or Debian's package,
# unpacked below target/: nothing is installed, and no service is started. Where neither can be had, the last line says so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

TARGET=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
UNPACKED=$TARGET/prometheus
PATH=$PATH:$UNPACKED/usr/bin

has_prometheus() {
  command -v prometheus >/dev/null && command -v promtool >/dev/null
}

get() {
  apt-get "$1" -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=20 ${2:-} >/dev/null 2>&1
}

unpack_prometheus() {
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
  mkdir -p "$UNPACKED"
  # A machine that has not asked its mirror for long names a package that is gone there.
  (cd "$UNPACKED" && { get download prometheus || { get update && get download prometheus; }; }) || return 1
  dpkg-deb --extract "$UNPACKED"/prometheus_*.deb "$UNPACKED" && rm "$UNPACKED"/prometheus_*.deb
}

run_tests() {
  if ! has_prometheus && ! unpack_prometheus; then
    echo "Prometheus is not installed and Debian's package cannot be had: the dashboard and the alert rules were not checked."
    return
  fi
  scripts/server.sh
  promtool check config deploy/prometheus/prometheus.yml
  promtool test rules deploy/prometheus/wigwag.rules.test.yml
  python3 scripts/monitoring.py "$(command -v prometheus)" "$TARGET/debug/wigwag"
}

case "${1:-}" in
  test) run_tests ;;
  *)
    echo "usage: $0 test" >&2
    exit 2
    ;;
esac
