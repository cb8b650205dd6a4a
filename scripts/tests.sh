#!/usr/bin/env bash
# Every test of the workspace: cargo-nextest where it is installed, else cargo test. Nextest leaves out doc tests.
set -euo pipefail

if command -v cargo-nextest >/dev/null; then
  cargo nextest run --workspace --locked
else
  cargo test --workspace --locked --lib --bins --tests --examples
fi
cargo test --workspace --locked --doc
