#!/usr/bin/env bash
# The native library: `install` puts it below PREFIX (/usr/local), or below DESTDIR/PREFIX for packages; `test` installs a debug build
# into a folder of its own and builds the examples against it as an app would: by pkg-config, by CMake, static and shared; `examples`
# builds the examples for the tests of other languages, `reference` makes pages of the headers, and `figures` measures the library as it is installed.
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
  strip --strip-debug "$root/lib/libwigwag.a"
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
  for program in callee-shared callee-static cmake/callee cmake/caller cmake/callee_static cmake/{v2tim,call}_{callee,caller}; do
    status=0
    if [[ $program = *static ]] && readelf --dynamic "$home/$program" | grep -q 'NEEDED.*libwigwag'; then
      echo "$program needs the shared library" >&2
      return 1
    fi
    LD_LIBRARY_PATH=$home/lib "$home/$program" 2>/dev/null || status=$?
    [ "$status" = 2 ] || { echo "$program does not run: $status" >&2; return 1; }
  done
}

# Pages of the headers' comments; one that is wrong is an error.
make_reference() {
  export WIGWAG_REFERENCE_OUT=$1
  mkdir -p "$1"
  doxygen "$NATIVE/Doxyfile"
}

# With the static library, so that they need nothing beside themselves; again only when something that they are made of has changed.
build_examples() {
  local archive=$1 out=$2 source program compiler
  mkdir -p "$out"
  for source in "$NATIVE"/examples/*.{c,cpp}; do
    program=$out/$(basename "${source%.*}")
    [ -z "$(find "$NATIVE/include" "$source" "$archive" -newer "$program" -print -quit 2>/dev/null || echo missing)" ] && continue
    compiler=(cc -std=gnu11)
    [[ $source = *.cpp ]] && compiler=(c++ -std=c++17)
    "${compiler[@]}" -I "$NATIVE/include" "$source" "$archive" -lpthread -ldl -lm -o "$program"
  done
}

# Of the library as it is installed: its size, the time from an event's arrival to user code, and what clients cost.
figures_of() {
  local home=$1 program source
  export PKG_CONFIG_PATH=$home/lib/pkgconfig
  for program in latency clients v2tim_latency; do
    source=$(ls "$NATIVE/bench/$program".*)
    # shellcheck disable=SC2046 # The flags are words.
    case $source in
      *.c) cc -std=gnu11 -O2 "$source" $(pkg-config --cflags --libs wigwag) -lpthread -o "$home/$program" ;;
      *) c++ -std=c++17 -O2 "$source" $(pkg-config --cflags --libs wigwag) -lpthread -o "$home/$program" ;;
    esac
  done
  scripts/server.sh
  if scripts/java.sh require 2>/dev/null; then
    WIGWAG_NATIVE_BENCH_JAVA=$(scripts/java.sh bench)
    export WIGWAG_NATIVE_BENCH_JAVA
  fi
  WIGWAG_NATIVE_BENCH=$home LD_LIBRARY_PATH=$home/lib cargo test --quiet --locked --package wigwag-client-ffi --test native figures -- \
    --ignored --nocapture --test-threads 1
  echo "shared library: $(stat --dereference --format %s "$home/lib/libwigwag.so") bytes"
  [ -z "${WIGWAG_NATIVE_BENCH_JAVA:-}" ] || echo "Java's: $(stat --format %s "$WIGWAG_NATIVE_BENCH_JAVA/libwigwag_jni.so") bytes"
}

case "${1:-}" in
  require)
    require
    ;;
  install)
    cargo build --profile native --locked --package wigwag-client-ffi
    install_from "$TARGET/native/libwigwag.a"
    ;;
  examples)
    require
    cargo build --locked --package wigwag-client-ffi
    build_examples "$TARGET/debug/libwigwag.a" "$TARGET/native-examples"
    echo "$TARGET/native-examples"
    ;;
  reference)
    command -v doxygen >/dev/null || { echo "The reference needs Doxygen. On Debian and Ubuntu: apt-get install doxygen" >&2; exit 1; }
    make_reference "$TARGET/native-reference"
    echo "$TARGET/native-reference/html/index.html"
    ;;
  figures)
    require
    home=$(mktemp -d)
    trap 'rm -rf "$home"' EXIT
    cargo build --profile native --locked --package wigwag-client-ffi
    PREFIX=$home DESTDIR='' install_from "$TARGET/native/libwigwag.a"
    figures_of "$home"
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
    if command -v doxygen >/dev/null; then
      make_reference "$home/reference"
    else
      echo "Without Doxygen the comments of its headers are not checked."
    fi
    ;;
  *)
    echo "usage: scripts/native.sh install | test | examples | reference | figures | require" >&2
    exit 2
    ;;
esac
