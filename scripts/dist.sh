#!/usr/bin/env bash
# What is given out, in target/dist: the program, stripped, in an archive and as a Debian package; the npm package; the Python wheel; what the
# program is made of (CycloneDX); checksums. `build` makes all of it for release and looks at it, `test` packs the debug builds that other tests
# use, and looks at those; scripts/deb.sh installs the Debian package. `deb` makes that one alone, around the program given, in the folder given. Packing the same program twice gives the same bytes, but for the wheel.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

TARGET=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
VERSION=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
MACHINE=$(uname -m)
COMMIT=$(git rev-parse HEAD)
# Files in packages bear the time of the commit.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

# How hard to compress, as gzip counts; less for what is only looked at.
EFFORT=9

# The program OUT/wigwag from the one given.
strip_program() {
  strip --strip-all -o "$OUT/wigwag" "$1"
  python3 scripts/man.py "$OUT/wigwag" "$SOURCE_DATE_EPOCH" >"$OUT/wigwag.1"
}

# A folder as an archive whose bytes depend on nothing but the files.
archive() {
  tar --create --directory "$1" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" "$2" | gzip "-${EFFORT}n"
}

make_archive() {
  local name=wigwag-$VERSION-linux-$MACHINE root=$OUT/root
  mkdir -p "$root/$name"
  install -m 0755 "$OUT/wigwag" "$root/$name/wigwag"
  install -m 0644 "$OUT/wigwag.1" README.md README.zh-CN.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE deploy/wigwag.service deploy/wigwag.toml "$root/$name"
  archive "$root" "$name" >"$OUT/$name.tar.gz"
  rm -r "$root"
}

# What the linker will look for, as a dependency of the package: the newest version of libc that the program names.
libc_needed() {
  objdump -T "$OUT/wigwag" | grep -oE 'GLIBC_[0-9.]+' | sort -uV | tail -1 | sed 's/GLIBC_//'
}

control() {
  cat <<CONTROL
Package: wigwag
Version: $VERSION
Architecture: $(dpkg --print-architecture)
Maintainer: The Wigwag project <maintainers@wigwag.invalid>
Depends: adduser, ca-certificates, libc6 (>= $(libc_needed)), libgcc-s1
Section: net
Priority: optional
Installed-Size: $(du -sk "$1" | cut -f1)
Description: signaling server for invitations and calls
 One user invites another, or some members of a group; each accepts, rejects or
 lets it time out. The server decides, writes first and tells once. With an
 embedded store, or with PostgreSQL and NATS for several nodes.
CONTROL
}

make_deb() {
  local root=$OUT/deb
  install -D -m 0755 "$OUT/wigwag" "$root/usr/bin/wigwag"
  install -D -m 0644 deploy/debian/wigwag.toml "$root/etc/wigwag/wigwag.toml"
  install -d "$root/lib/systemd/system" "$root/usr/share/man/man1" "$root/usr/share/doc/wigwag" "$root/DEBIAN"
  sed 's|/usr/local/bin/wigwag|/usr/bin/wigwag|' deploy/wigwag.service >"$root/lib/systemd/system/wigwag.service"
  gzip -9n <"$OUT/wigwag.1" >"$root/usr/share/man/man1/wigwag.1.gz"
  cat LICENSE-MIT LICENSE-APACHE >"$root/usr/share/doc/wigwag/copyright"
  gzip -9n <CHANGELOG.md >"$root/usr/share/doc/wigwag/changelog.gz"
  control "$root" >"$root/DEBIAN/control"
  echo /etc/wigwag/wigwag.toml >"$root/DEBIAN/conffiles"
  install -m 0755 deploy/debian/postinst deploy/debian/prerm deploy/debian/postrm "$root/DEBIAN"
  # Whatever the umask of whoever packs it.
  chmod -R u=rwX,go=rX "$root"
  dpkg-deb --root-owner-group -Zgzip "-z$EFFORT" --build "$root" "$OUT" >/dev/null
  rm -r "$root"
}

make_npm() {
  scripts/sdk.sh build
  (cd sdk/typescript && npm pack --silent --pack-destination "$OUT" >/dev/null)
}

# Of the program given: everything but the wheel.
pack() {
  rm -rf "$OUT"
  mkdir -p "$OUT"
  strip_program "$1"
  make_archive
  if command -v dpkg-deb >/dev/null; then make_deb; else echo "Without dpkg-deb there is no Debian package."; fi
  make_npm
  python3 scripts/sbom.py "$COMMIT" "$SOURCE_DATE_EPOCH" >"$OUT/wigwag-$VERSION.cdx.json"
  rm "$OUT/wigwag" "$OUT/wigwag.1"
}

sum_up() {
  (cd "$OUT" && sha256sum -- * >SHA256SUMS)
}

case "${1:-}" in
  build)
    OUT=$TARGET/dist
    scripts/web.sh build
    env -u SOURCE_DATE_EPOCH cargo build --release --locked --package wigwag-server
    pack "$TARGET/release/wigwag"
    scripts/python.sh build >/dev/null
    cp "$TARGET"/wheels/*.whl "$OUT"
    sum_up
    scripts/dist_look.sh "$OUT"
    scripts/deb.sh "$OUT"
    ls -l "$OUT"
    ;;
  test)
    OUT=$TARGET/dist-test
    EFFORT=1
    # Build scripts of SQLite and TLS would run again for another time, and everything on them be compiled anew.
    env -u SOURCE_DATE_EPOCH scripts/server.sh
    pack "$TARGET/debug/wigwag"
    cp "$(env -u SOURCE_DATE_EPOCH scripts/python.sh wheel | tail -1)" "$OUT"
    sum_up
    scripts/dist_look.sh "$OUT"
    scripts/deb.sh "$OUT"
    ;;
  deb)
    mkdir -p "$3"
    OUT=$(cd "$3" && pwd)
    EFFORT=1
    strip_program "$2"
    make_deb
    rm "$OUT/wigwag" "$OUT/wigwag.1"
    ;;
  *)
    echo "usage: scripts/dist.sh build | test | deb PROGRAM FOLDER" >&2
    exit 2
    ;;
esac
