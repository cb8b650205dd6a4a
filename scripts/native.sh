#!/usr/bin/env bash
# The native library: `install` puts it below PREFIX (/usr/local), or below DESTDIR/PREFIX for packages; `test` installs a debug build
# into a folder of its own and builds the examples against it as an app would: by pkg-config, by CMake, static and shared.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PREFIX=${PREFIX:-/usr/local}
DESTDIR=${DESTDIR:-}
TARGET=${CARGO_TARGET_DIR:-target}
NATIVE=sdk/native

version() {
  sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml
}

require() {
  local missing=()
  command -v cc >/dev/null && command -v c++ >/dev/null || missing+=(build-essential)
  command -v cmake >/dev/null || missing+=(cmake)
  command -v pkg-config >/dev/null || missing+=(pkg-config)
  [ "${#missing[@]}" = 0 ] && return
  echo "The native library needs tools that are missing. On Debian and Ubuntu: apt-get install ${missing[*]}" >&2
  return 1
}

# From the static library, by the system's linker: rustc exports symbols without versions.
link_shared() {
  local archive=$1 out=$2 major=$3
  cc -shared -o "$out" -Wl,-soname,"libwigwag.so.$major" -Wl,--version-script="$NATIVE/wigwag.map" -Wl,--gc-sections \
    -Wl,--no-undefined -Wl,--whole-archive "$archive" -Wl,--no-whole-archive -lpthread -ldl -lm -lgcc_s
}

fill_in() {
  sed -e "s|@PREFIX@|$PREFIX|g" -e "s|@VERSION@|$1|g" -e "s|@MAJOR@|${1%%.*}|g" -e "s|@MINOR@|$(cut -d. -f2 <<<"$1")|g" "$2"
}

install_from() {
  local archive=$1 root=$DESTDIR$PREFIX version major
  version=$(version)
  major=${version%%.*}
  install -d "$root/include" "$root/lib/pkgconfig" "$root/lib/cmake/Wigwag"
  cp -R "$NATIVE/include/." "$root/include/"
  install -m 644 "$archive" "$root/lib/libwigwag.a"
  link_shared "$archive" "$root/lib/libwigwag.so.$version" "$major"
  strip --strip-unneeded "$root/lib/libwigwag.so.$version"
  ln -sf "libwigwag.so.$version" "$root/lib/libwigwag.so.$major"
  ln -sf "libwigwag.so.$major" "$root/lib/libwigwag.so"
  fill_in "$version" "$NATIVE/wigwag.pc.in" >"$root/lib/pkgconfig/wigwag.pc"
  fill_in "$version" "$NATIVE/WigwagConfig.cmake.in" >"$root/lib/cmake/Wigwag/WigwagConfig.cmake"
  fill_in "$version" "$NATIVE/WigwagConfigVersion.cmake.in" >"$root/lib/cmake/Wigwag/WigwagConfigVersion.cmake"
  echo "installed libwigwag $version below $root"
}

exports_only_ours() {
  local strange
  strange=$(nm -D --defined-only "$1" | awk '$2 != "A" && $3 !~ /^wigwag_[a-z_]+@@WIGWAG_0$/')
  [ -z "$strange" ] && return
  printf 'the shared library exports what is not of its interface:\n%s\n' "$strange" >&2
  return 1
}

# The examples in each of the ways that docs/native.md names. Without arguments they load the library and end with 2.
builds_as_an_app() {
  local home=$1 shared static
  export PKG_CONFIG_PATH=$home/lib/pkgconfig
  read -ra shared <<<"$(pkg-config --cflags --libs wigwag)"
  read -ra static <<<"$(pkg-config --cflags --libs --static wigwag | sed "s|-lwigwag|$home/lib/libwigwag.a|")"
  cc -std=gnu11 "$NATIVE/examples/callee.c" "${shared[@]}" -o "$home/callee-shared"
  cc -std=gnu11 "$NATIVE/examples/callee.c" "${static[@]}" -o "$home/callee-static"
  cmake -S "$NATIVE/examples" -B "$home/cmake" -DCMAKE_PREFIX_PATH="$home" >"$home/cmake.log" || { cat "$home/cmake.log" >&2; return 1; }
  cmake --build "$home/cmake" >>"$home/cmake.log" || { cat "$home/cmake.log" >&2; return 1; }
  local program status
  for program in callee-shared callee-static cmake/callee cmake/caller cmake/v2tim_callee cmake/v2tim_caller; do
    status=0
    LD_LIBRARY_PATH=$home/lib "$home/$program" 2>/dev/null || status=$?
    [ "$status" = 2 ] || { echo "$program does not run: $status" >&2; return 1; }
  done
}

case "${1:-}" in
  require)
    require
    ;;
  install)
    cargo build --release --locked --package wigwag-client-ffi
    install_from "$TARGET/release/libwigwag.a"
    ;;
  test)
    require
    home=$(mktemp -d)
    trap 'rm -rf "$home"' EXIT
    cargo build --locked --package wigwag-client-ffi
    PREFIX=$home DESTDIR='' install_from "$TARGET/debug/libwigwag.a"
    exports_only_ours "$home/lib/libwigwag.so"
    builds_as_an_app "$home"
    echo "the native library installs, links and loads"
    ;;
  *)
    echo "usage: scripts/native.sh install | test | require" >&2
    exit 2
    ;;
esac
