#!/usr/bin/env bash
# Makes the smallest Debian that debootstrap knows in a folder, which has to be empty and be there, of the release that runs here. It is in memory and is gone
# with the mounts of whoever calls this, so call it in a namespace of mounts. Packages that were fetched once are kept below target/.
set -euo pipefail
root=$1
cd "$(dirname "${BASH_SOURCE[0]}")/.."
TARGET=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)

mkdir -p "$TARGET/debian-packages"
# 300 MB, and room for what is installed on top.
mount -t tmpfs -o size=1g,mode=0755 debian "$root"
release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
if ! debootstrap --variant=minbase --cache-dir="$TARGET/debian-packages" "$release" "$root" >"$TARGET/debootstrap.log" 2>&1; then
  tail -1 "$TARGET/debootstrap.log" >&2
  exit 1
fi
