#!/usr/bin/env bash
# The Java SDK: `build` makes wigwag.jar and its native library in target/java, `examples` makes them and the examples from a debug build and
# names their folder, `bench` makes them and the programs that scripts/native.sh measures as they are released, and names their folder,
# `reference` makes pages of its doc comments, `test` builds both from a debug build into a folder of its own and runs the examples against them
# as an app would.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

TARGET=${CARGO_TARGET_DIR:-target}
SDK=sdk/java
# Newer compilers say that Java 8 is old.
STRICT=(--release 8 -Xlint:all,-options -Werror)

require() {
  command -v javac >/dev/null && command -v jar >/dev/null && command -v javadoc >/dev/null && return
  echo "The Java SDK needs a JDK, 11 or later. On Debian and Ubuntu: apt-get install default-jdk-headless" >&2
  return 1
}

# From the folder that cargo built into to the folder that is given.
build_into() {
  local built=$1 out=$2 sources
  rm -rf "$out/classes"
  mkdir -p "$out/classes"
  mapfile -t sources < <(find "$SDK/src" -name '*.java')
  javac "${STRICT[@]}" -d "$out/classes" "${sources[@]}"
  jar --create --file "$out/wigwag.jar" -C "$out/classes" .
  install -m 755 "$built/libwigwag_jni.so" "$out/libwigwag_jni.so"
  strip --strip-unneeded "$out/libwigwag_jni.so"
}

make_reference() {
  javadoc -quiet --release 8 -Xdoclint:all,-missing -Werror -notimestamp -windowtitle Wigwag -sourcepath "$SDK/src" -d "$1" \
    dev.wigwag dev.wigwag.v2tim
}

# The lines of docs/native.md. Without arguments the examples say how they are used and end with 2; before that the library is not loaded,
# so another program asks for its version.
builds_as_an_app() {
  local home=$1 program status
  javac -cp "$home/wigwag.jar" -d "$home/app" "$SDK"/examples/*.java
  for program in {V2tim,Call}{Caller,Callee}; do
    status=0
    java -Djava.library.path="$home" -cp "$home/wigwag.jar:$home/app" "$program" 2>/dev/null || status=$?
    [ "$status" = 2 ] || { echo "$program does not run: $status" >&2; return 1; }
  done
  cat >"$home/Version.java" <<'JAVA'
public final class Version {
    public static void main(String[] words) {
        System.out.println("the library of wigwag.jar is " + dev.wigwag.Client.version());
    }
}
JAVA
  javac -cp "$home/wigwag.jar" -d "$home/app" "$home/Version.java"
  java -Djava.library.path="$home" -cp "$home/wigwag.jar:$home/app" Version
  java -Dwigwag.library="$home/libwigwag_jni.so" -cp "$home/wigwag.jar:$home/app" Version
}

case "${1:-}" in
  require)
    require
    ;;
  build)
    require
    cargo build --profile native --locked --package wigwag-client-jni
    build_into "$TARGET/native" "$TARGET/java"
    echo "$TARGET/java/wigwag.jar and $TARGET/java/libwigwag_jni.so"
    ;;
  examples)
    require
    cargo build --locked --package wigwag-client-jni >&2
    build_into "$TARGET/debug" "$TARGET/java-examples"
    javac -cp "$TARGET/java-examples/wigwag.jar" -d "$TARGET/java-examples/app" "$SDK"/examples/*.java
    (cd "$TARGET/java-examples" && pwd)
    ;;
  bench)
    require
    cargo build --profile native --locked --package wigwag-client-jni >&2
    build_into "$TARGET/native" "$TARGET/java-bench"
    javac -cp "$TARGET/java-bench/wigwag.jar" -d "$TARGET/java-bench/bench" "$SDK"/bench/*.java
    (cd "$TARGET/java-bench" && pwd)
    ;;
  reference)
    require
    make_reference "$TARGET/java/reference"
    echo "$TARGET/java/reference/index.html"
    ;;
  test)
    require
    home=$(mktemp -d)
    trap 'rm -rf "$home"' EXIT
    cargo build --locked --package wigwag-client-jni
    build_into "$TARGET/debug" "$home"
    make_reference "$home/reference"
    builds_as_an_app "$home"
    echo "the Java SDK builds, loads and has its reference"
    ;;
  *)
    echo "usage: scripts/java.sh build | examples | bench | reference | test | require" >&2
    exit 2
    ;;
esac
