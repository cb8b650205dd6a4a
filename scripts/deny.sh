#!/usr/bin/env bash
# Licences, sources and, where the database can be reached, advisories of everything that is built in.
set -euo pipefail

if ! command -v cargo-deny >/dev/null; then
  echo "cargo-deny is not installed: licences and advisories were not checked (cargo install --locked cargo-deny)."
  exit 0
fi
cargo deny --offline check licenses bans sources
if cargo deny fetch db >/dev/null 2>&1; then
  cargo deny --offline check advisories
else
  echo "The advisory database cannot be reached: advisories were not checked."
fi
