#!/usr/bin/env bash
# Runs the image and both compose files of deploy/ with Debian's podman and podman-compose: a call over one node, and one over three, of which one is
# killed while it rings and another replaced while they talk; and the Debian package as a service of a systemd that boots in a container. `whole` builds the image as deploy/Containerfile says, which compiles the server for
# release; `test` builds its last step around the program given, or the one that cargo builds for tests. No registry of images is asked: what the files name is
# made from Debian's packages by scripts/images/, under the same names, so that the files are run as they are.
# Everything is below target/images and in namespaces of its own: processes, mounts and networks end with this script, however it ends.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

TARGET=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
WORK=$TARGET/images
SOURCES=$WORK/sources
# Caches of builds are there, too.
export TMPDIR=$WORK/tmp
export CONTAINERS_CONF=$WORK/containers.conf CONTAINERS_STORAGE_CONF=$WORK/storage.conf
# The other format has no health checks.
export BUILDAH_FORMAT=docker
# All of it, seconds: compiling for release on two busy processors is most of that.
PATIENCE=5400
CLUSTER=(podman-compose --file compose.cluster.yaml)

fail() {
  echo "images: $*" >&2
  exit 1
}

unchecked() {
  echo "$*: the image and the compose files were not checked."
  exit
}

# What podman and podman-compose say of each step is for a person who looks for a fault.
quietly() {
  "$@" >>"$WORK/log" 2>&1 || { tail -40 "$WORK/log" >&2; fail "failed: $*"; }
}

# The engine has images, volumes, locks and networks of its own.
make_engine() {
  local folder
  for folder in /dev/shm /run/netns /run/libpod /run/containers; do
    mkdir -p "$folder"
    mount -t tmpfs engine "$folder"
  done
  # crun refuses a machine that has both versions of cgroups.
  umount /sys/fs/cgroup/unified 2>/dev/null || true
  mkdir -p "$WORK/networks"
  printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "/run/containers/storage"\n' "$WORK/store" >"$CONTAINERS_STORAGE_CONF"
  printf '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n[network]\nnetwork_backend = "netavark"\nnetwork_config_dir = "%s"\n' "$WORK/networks" >"$CONTAINERS_CONF"
  # What is built asks this machine's network, so that no bridge is made in it.
  printf '[containers]\nnetns = "host"\n' >>"$CONTAINERS_CONF"
  lower_limits
}

lower_limits() {
  # What the compose files ask for.
  (ulimit -n 262144) 2>/dev/null && return
  echo "This machine permits $(ulimit -Hn) open files, so containers get no more."
  printf 'default_ulimits = ["nofile=%s", "nproc=%s"]\n[engine.runtimes]\ncrun = ["%s"]\n' "$(ulimit -Hn)" "$(ulimit -Hu)" "$PWD/scripts/images/crun-bounded" >>"$CONTAINERS_CONF"
}

# docker.io/library/debian is what debootstrap makes.
make_debian() {
  local root=$WORK/root
  mkdir -p "$root"
  scripts/debian_root.sh "$root" || unchecked "No Debian can be made here"
  rm -f "$root"/var/cache/apt/archives/*.deb
  tar --create --one-file-system --directory "$root" . | quietly podman import --change 'CMD ["bash"]' - "$1"
  umount "$root"
}

# What the stand-ins for Node's and Rust's images take from this machine, with the authorities that it trusts.
gather() {
  local to=$WORK/context/$1 sysroot
  mkdir -p "$to/bin" "$to/lib"
  cp scripts/images/* "$to"
  cp /etc/ssl/certs/ca-certificates.crt "$to"
  case "$1" in
    node)
      cp "$(node --print process.execPath)" "$to/bin/node"
      cp -r "$(npm root --global)/npm" "$to/lib"
      ;;
    rust)
      sysroot=$(rustc --print sysroot)
      cp "$sysroot"/bin/{cargo,rustc} "$to/bin"
      (cd "$sysroot" && cp -r --parents lib/*.so* lib/rustlib/*/lib lib/rustlib/*/bin "$to")
      ;;
  esac
}

# Each image that the files name, from the Containerfile of its name. Those that only compile are left out where nothing is compiled.
make_stand_ins() {
  local image name
  for image in $(grep -hoE 'docker\.io/library/[a-z]+:[a-z0-9.-]+' deploy/Containerfile deploy/compose*.yaml | sort -u); do
    name=${image##*/}
    name=${name%%:*}
    case "$1 $name" in *" debian" | "test node" | "test rust") continue ;; esac
    gather "$name"
    quietly podman build --tag "$image" --file "scripts/images/$name.Containerfile" "$WORK/context/$name"
    rm -r "$WORK/context/$name"
  done
}

# As compose.yaml builds it. The program has to know its commit, and clients are taken from it later.
build_whole() {
  local commit
  commit=$(git rev-parse --short=12 HEAD)
  (cd "$SOURCES/deploy" && BUILD_COMMIT=$commit quietly podman-compose build)
  podman run --rm wigwag --version | grep -qE "^commit +$commit$" || fail "the image's program does not name its commit"
}

# The last step of the Containerfile as it is, with the program of this machine in the place of what the steps before would have made.
build_around() {
  local context=$WORK/context/program
  install -D "$1" "$context/usr/local/bin/wigwag"
  strip --strip-all "$context/usr/local/bin/wigwag"
  awk '/^FROM /{step=""} {step=step $0 "\n"} END {printf "%s", step}' deploy/Containerfile >"$WORK/Containerfile"
  quietly podman build --build-context server="$context" --tag wigwag --file "$WORK/Containerfile" "$WORK/networks"
  rm -r "$context"
}

# The sources as they are here, without what git ignores, and secrets as README.md says.
make_sources() {
  mkdir -p "$SOURCES"
  git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from=- | tar --extract --directory "$SOURCES"
  {
    echo "WIGWAG_AUTH_KEY=$(openssl rand -hex 32)"
    echo "POSTGRES_PASSWORD=$(openssl rand -hex 24)"
    echo "NATS_PASSWORD=$(openssl rand -hex 24)"
  } >"$SOURCES/deploy/.env"
}

# Until the command succeeds, for two minutes: a machine that compiles something else starts PostgreSQL, and then nodes, in one.
until_it() {
  local end=$((SECONDS + 120))
  until "$@" >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$end" ]; then
      tell_of_containers >&2
      fail "did not come within two minutes: $*"
    fi
    sleep 0.2
  done
}

tell_of_containers() {
  podman ps --all
  podman ps --all --quiet | xargs --max-args 1 podman logs --names --tail 10 2>&1
}

is_ready() {
  [ "$(curl --silent --max-time 5 --output /dev/null --write-out '%{http_code}' http://127.0.0.1:8710/readyz)" = 200 ]
}

# podman asks systemd to run health checks again and again; here each is run by us.
is_healthy() {
  podman healthcheck run "$1"
}

# With tokens and a key that the container given makes, as README.md says.
call_over() {
  local in=(podman exec "$1" wigwag) alice bob key
  alice=$("${in[@]}" token alice)
  bob=$("${in[@]}" token bob)
  key=$("${in[@]}" key create look --scopes read)
  python3 scripts/call.py "$WORK/wigwag" ws://127.0.0.1:8710/v1/ws "$alice" "$bob" "$key" "${@:2}"
}

one_node() {
  cd "$SOURCES/deploy"
  quietly podman-compose up --detach
  until_it is_ready
  until_it is_healthy deploy_wigwag_1
  cd "$OLDPWD"
  call_over deploy_wigwag_1
  (cd "$SOURCES/deploy" && quietly podman-compose down --volumes)
  echo "compose.yaml: one node carries a call"
}

# The containers of nodes in which a device is signed in, one a line.
in_use() {
  local number node
  for number in 1 2 3; do
    node=deploy_node-${number}_1
    if [ "$(sessions_of "$node")" -gt 0 ]; then echo "$node"; fi
  done
}

# By the figures of the node, which only its network reaches. Bash can open a connection by itself.
sessions_of() {
  podman exec "$1" bash -c 'exec 3<>/dev/tcp/127.0.0.1/9710 && printf "GET /metrics HTTP/1.0\r\n\r\n" >&3 && cat <&3' |
    awk '/^wigwag_sessions_opened_total / { open += $2 } /^wigwag_sessions_closed_total\{/ { open -= $2 } END { print open + 0 }'
}

# As if its machine had gone, while a device is connected to it. The restart policy brings it back.
kill_one() {
  local nodes node
  mapfile -t nodes < <(in_use)
  node=${nodes[0]:?no device is signed in}
  kill -KILL "$(podman inspect --format '{{.State.Pid}}' "$node")"
  until_it was_restarted "$node"
  until_it is_healthy "$node"
  echo "$node was killed and is back"
}

was_restarted() {
  [ "$(podman inspect --format '{{.RestartCount}} {{.State.Status}}' "$1")" = "1 running" ]
}

# A container of another address under the same name, with the same volume, as with a new version.
replace_one() {
  local nodes node service before
  mapfile -t nodes < <(in_use)
  node=${nodes[-1]:?no device is signed in}
  before=$(address_of "$node")
  service=${node#deploy_}
  quietly podman stop --time 30 "$node"
  quietly podman rm "$node"
  (cd "$SOURCES/deploy" && quietly "${CLUSTER[@]}" up --detach --no-deps "${service%_1}")
  until_it is_healthy "$node"
  [ "$(address_of "$node")" != "$before" ] || fail "$node has the address it had before, so the balancer has nothing to find out"
  until_it is_used "$node"
  echo "$node was replaced, and the balancer has found it"
}

address_of() {
  podman inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$1"
}

# Least connections come first, so a device that comes now comes to the node that has none.
is_used() {
  local token
  token=$(podman exec "$1" wigwag token carol)
  coproc CAROL { exec "$WORK/wigwag" client --as carol --url ws://127.0.0.1:8710/v1/ws --token "$token"; }
  # shellcheck disable=SC2153
  grep -m 1 -q '● connected' <&"${CAROL[0]}" && [ "$(sessions_of "$1")" -gt 0 ]
  local found=$?
  kill "$CAROL_PID"
  return "$found"
}

three_nodes() {
  local service
  (cd "$SOURCES/deploy" && quietly "${CLUSTER[@]}" up --detach)
  until_it is_ready
  for service in postgres nats node-1 node-2 node-3; do until_it is_healthy "deploy_${service}_1"; done
  call_over deploy_node-1_1 --ringing "$0 kill_one" --talking "$0 replace_one"
  (cd "$SOURCES/deploy" && quietly "${CLUSTER[@]}" down --volumes)
  echo "compose.cluster.yaml: three nodes carry a call while one is killed and one is replaced"
}

# A disk with the Debian package, as whoever makes images of machines would make it: systemd does not run while it is installed.
make_machine() {
  local context=$WORK/context/machine
  scripts/dist.sh deb "$WORK/wigwag" "$context"
  mv "$context"/wigwag_*.deb "$context/wigwag.deb"
  quietly podman build --tag machine --file scripts/images/machine.Containerfile "$context"
  rm -r "$context"
}

# With all that the unit forbids. Who boots systemd needs more than a container has by itself.
booted() {
  local in=(podman exec machine)
  quietly podman run --detach --name machine --privileged --systemd always --network none machine
  until_it "${in[@]}" systemctl is-active --quiet wigwag.service
  [ "$("${in[@]}" systemctl is-enabled wigwag.service)" = enabled ] || fail "the service is not enabled"
  "${in[@]}" sudo -u wigwag wigwag token --config /etc/wigwag/wigwag.toml alice >/dev/null
  # What only root and systemd can read reaches the service, and a command that is run like it.
  "${in[@]}" sh -c 'echo "WIGWAG_AUTH_KEY=$(head -c 64 /dev/urandom | base64 -w 0)" >/etc/wigwag/wigwag.env && systemctl restart wigwag.service'
  "${in[@]}" systemd-run --quiet --pipe --uid=wigwag --property=EnvironmentFile=/etc/wigwag/wigwag.env wigwag token --config /etc/wigwag/wigwag.toml alice >"$WORK/token"
  "${in[@]}" journalctl --unit wigwag --output cat | grep -q 'app key  as configured' || fail "the service has not taken its key from wigwag.env"
  "${in[@]}" systemctl stop wigwag.service
  [ "$("${in[@]}" systemctl show --property Result --value wigwag.service)" = success ] || fail "the service does not stop in order"
  quietly podman rm --force machine
  echo "wigwag.service: a systemd that boots starts it, and it starts and stops in order"
}

# Networks and ports of containers are in a namespace of their own, so nothing here collides with what this machine does.
run_all() {
  local server
  ip link set lo up
  # Whoever asks for a name that no container has is told so at once, not when the time is over for a server of names outside.
  for server in $(sed -n 's/^nameserver \([0-9.]*\)$/\1/p' /etc/resolv.conf); do ip address add "$server/32" dev lo; done
  booted
  one_node
  three_nodes
  echo "the image, both compose files and the unit run, with images made from Debian's packages"
}

in_namespaces() {
  mkdir -p "$WORK/context" "$TMPDIR"
  make_engine
  make_sources
  make_debian "$(grep -hoE 'docker\.io/library/debian:[a-z0-9.-]+' deploy/Containerfile)"
  make_stand_ins "$1"
  if [ "$1" = whole ]; then build_whole; else build_around "$2"; fi
  # Clients are of the same build.
  podman run --rm --entrypoint cat wigwag /usr/local/bin/wigwag >"$WORK/wigwag"
  chmod +x "$WORK/wigwag"
  make_machine
  unshare --net -- "$0" run_all
}

# When the namespaces are gone nothing is mounted below the folder any more.
run_bounded() {
  rm -rf "$WORK"
  timeout --kill-after=1 "$PATIENCE" unshare --mount --pid --fork --kill-child --mount-proc -- "$0" "$@" &
  local running=$!
  # shellcheck disable=SC2064
  trap "kill $running 2>/dev/null || true; wait $running 2>/dev/null || true; rm -rf '$WORK'" EXIT
  wait "$running"
}

case "${1:-}" in
  test | whole)
    for tool in podman podman-compose debootstrap ip; do
      command -v "$tool" >/dev/null || unchecked "There is no $tool (on Debian: apt-get install podman podman-compose netavark aardvark-dns crun iptables debootstrap iproute2)"
    done
    unshare --mount true 2>/dev/null || unchecked "This needs root"
    if [ "$*" = test ]; then scripts/server.sh; fi
    run_bounded in_namespaces "$1" "${2:-$TARGET/debug/wigwag}"
    ;;
  in_namespaces | run_all | kill_one | replace_one) "$@" ;;
  *)
    echo "usage: scripts/images.sh test [PROGRAM] | whole" >&2
    exit 2
    ;;
esac
