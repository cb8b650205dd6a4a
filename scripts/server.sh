#!/usr/bin/env bash
# Builds the server that the tests of the SDKs, of the page and of the REST API start: target/debug/wigwag.
# It is built beside the smallest test of the workspace. Without one cargo chooses fewer features, and would compile SQLite,
# tokio and TLS a second time, for two minutes, right after `make tests` compiled them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo build --workspace --locked --bin wigwag --test program
