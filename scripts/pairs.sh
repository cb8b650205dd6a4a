#!/usr/bin/env bash
# Every language calls every language: builds the examples of those that cargo does not build, plays crates/client-ffi/tests/native/pairs.rs
# with all of them, and lets them call the page's client, Tencent's web surface and open-im-sdk, and be called by these. A language whose tools are
# missing is an error; scripts/setup.sh installs or names them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/sdk.sh node
scripts/native.sh require
WIGWAG_PAIRS_PYTHON=$(scripts/python.sh examples)
WIGWAG_PAIRS_JAVA=$(scripts/java.sh examples)
export WIGWAG_PAIRS_PYTHON WIGWAG_PAIRS_JAVA
scripts/server.sh
cargo test --locked --package wigwag-client-ffi --test native pairs -- --include-ignored
# C and C++ call them with every run of the SDK's tests.
scripts/sdk.sh pairs "Python|Java"
