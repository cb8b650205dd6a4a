#!/usr/bin/env bash
# Builds the server of another commit beside this one. Three nodes are rolled from that build to this one under load; one server is
# upgraded on either store, and the older program is refused afterwards. Not part of CI, which has no older build and would have
# to make one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ $# -ne 1 ]; then
  echo "usage: make upgrade OLD=<commit or tag>" >&2
  exit 2
fi
commit=$(git rev-parse --verify "$1^{commit}")
target=${CARGO_TARGET_DIR:-target}/upgrade
tree=$(mktemp -d)
trap 'git worktree remove --force "$tree"' EXIT
git worktree add --quiet --detach "$tree" "$commit"
mkdir -p "$target"
target=$(cd "$target" && pwd)
cargo build --locked --package wigwag-server --manifest-path "$tree/Cargo.toml" --target-dir "$target"
WIGWAG_OLD_BIN=$target/debug/wigwag cargo test --locked --package wigwag-server --test it upgrade -- --ignored --skip the_copy_of
