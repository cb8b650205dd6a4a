#!/usr/bin/env bash
# Installs the Debian package of the folder given in a Debian that has nothing else, as an operator would: apt finds what it depends on, the
# server is started as its unit says, a newer package is installed while a phone rings, and at the end it is removed and purged. The root is in
# memory, in namespaces of its own: what is mounted and started there ends with this script, however it ends. Where it cannot run, the last line says so.
set -euo pipefail
folder=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/.."
TARGET=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
ROOT=$TARGET/debian-root
UNIT=/lib/systemd/system/wigwag.service

fail() {
  echo "the Debian package: $*" >&2
  exit 1
}

unchecked() {
  echo "$*: the installation, upgrade and removal of the Debian package were not checked."
  exit
}

# Before a command that is meant for the root. Nobody is there to be asked.
INSIDE=(env --ignore-environment PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive chroot "$ROOT")

inside() {
  "${INSIDE[@]}" "$@"
}

# Quiet, but for what went wrong. An operator's own changes to a configuration win.
packages() {
  inside apt-get --yes --quiet --no-install-recommends -o Dpkg::Options::=--force-confold "$@" >"$ROOT/tmp/log" 2>&1 </dev/null || fail "apt-get $*: $(cat "$ROOT/tmp/log")"
}

same() {
  [ "$2" = "$3" ] || fail "$1: $2, not $3"
}

# The same package again, newer, with other words in its configuration.
make_newer() {
  local parts=$ROOT/tmp/newer
  dpkg-deb --raw-extract "$ROOT/tmp/old.deb" "$parts"
  sed -i 's/^Version: .*/&+newer/' "$parts/DEBIAN/control"
  echo '# This line is only in the newer package.' >>"$parts/etc/wigwag/wigwag.toml"
  dpkg-deb --root-owner-group -Zgzip -z1 --build "$parts" "$ROOT/tmp/newer.deb" >/dev/null
  rm -r "$parts"
}

# Owner, group and mode, by the names that the root has for them.
modes() {
  inside stat --format '%n %U:%G %a' "$@"
}

look_at_installed() {
  same "its user" "$(inside getent passwd wigwag | cut -d: -f6-)" "/var/lib/wigwag:/usr/sbin/nologin"
  [ "$(inside id -u wigwag)" -lt 1000 ] || fail "its user is not one of the system"
  same "its files" "$(modes /etc/wigwag /etc/wigwag/wigwag.toml /etc/wigwag/wigwag.env /usr/bin/wigwag)" "/etc/wigwag root:root 755
/etc/wigwag/wigwag.toml root:root 644
/etc/wigwag/wigwag.env root:root 600
/usr/bin/wigwag root:root 755"
  inside dpkg-query --show --showformat '${Conffiles}' wigwag | grep -q '^ /etc/wigwag/wigwag.toml ' || fail "its configuration is no conffile"
  inside gzip --test /usr/share/man/man1/wigwag.1.gz
  same "what dpkg has to say of it" "$(inside dpkg --verify wigwag; inside dpkg --audit)" ""
  # There is no systemd here, and the next start of the machine has to bring the server.
  same "whether it starts with the machine" "$(readlink "$ROOT/etc/systemd/system/multi-user.target.wants/wigwag.service")" "$UNIT"
}

look_at_unit() {
  command -v systemd-analyze >/dev/null || { echo "Without systemd-analyze the unit of the package was not verified."; return; }
  # Without the units of systemd in the root, those that this one names would be missing.
  local units=$ROOT/tmp/units
  mkdir "$units"
  sed "s|^ExecStart=/|ExecStart=$ROOT/|; s|^\(User\|Group\)=wigwag|\1=root|" "$ROOT$UNIT" >"$units/wigwag.service"
  same "what systemd has to say of its unit" "$(systemd-analyze verify --man=no "$units/wigwag.service" 2>&1)" ""
}

of_unit() {
  sed -n "s/^$1=//p" "$ROOT$UNIT"
}

# AS_UNIT, before a command that is run as systemd would for the unit: its user without any privilege, its mask, the environment of its file.
learn_unit() {
  local given
  mapfile -t given < <(grep -v '^ *\(#\|$\)' "$ROOT/$(of_unit EnvironmentFile | sed 's/^-//')")
  AS_UNIT=("${INSIDE[@]}" setpriv --reuid "$(of_unit User)" --regid "$(of_unit Group)" --init-groups --no-new-privs --bounding-set=-all
    env "${given[@]}" sh -c 'umask "$0" && exec "$@"' "$(of_unit UMask)")
}

start() {
  local command
  read -ra command <<<"$(of_unit ExecStart)"
  learn_unit
  inside install -d -o "$(of_unit User)" -g "$(of_unit Group)" -m "$(of_unit StateDirectoryMode)" "/var/lib/$(of_unit StateDirectory)"
  # Made here, so that it is there before the server is.
  : >"$ROOT/tmp/said"
  "${AS_UNIT[@]}" "${command[@]}" >"$ROOT/tmp/said" 2>>"$ROOT/tmp/server.log" &
  server=$!
  grep -m 1 -q 'ws://127.0.0.1:8710' < <(tail --pid=$server -f "$ROOT/tmp/said") || fail "its server does not start: $(cat "$ROOT/tmp/server.log")"
}

stop() {
  kill "$server"
  wait "$server" || fail "its server does not stop in order: $(cat "$ROOT/tmp/server.log")"
}

# What an operator says once; it has to outlive the upgrade.
configure() {
  printf '\n[limits]\ncommand_burst = 77\n' >>"$ROOT/etc/wigwag/wigwag.toml"
  echo "WIGWAG_SDK_APP_ID=1400000077" >"$ROOT/etc/wigwag/wigwag.env"
  inside sha256sum /etc/wigwag/wigwag.toml /etc/wigwag/wigwag.env >"$ROOT/tmp/configured"
}

upgrade() {
  packages install /tmp/newer.deb
  inside sha256sum --check --quiet /tmp/configured || fail "an upgrade changes what was configured"
  grep -q 'only in the newer package' "$ROOT/etc/wigwag/wigwag.toml.dpkg-dist" || fail "an upgrade does not leave its own configuration beside that of the operator"
  # As the package does where systemd runs.
  stop
  start
}

# As README.md of deploy/ says it.
tool() {
  "${AS_UNIT[@]}" wigwag "$@" --config /etc/wigwag/wigwag.toml
}

# Alice calls Bob, the package is upgraded and the server restarted while it rings, Bob accepts.
call_over_upgrade() {
  local call alice bob key rings=$ROOT/tmp/rings upgraded=$ROOT/tmp/upgraded
  mkfifo "$rings" "$upgraded"
  alice=$(tool token alice)
  bob=$(tool token bob)
  key=$(tool key create look --scopes read)
  python3 scripts/call.py "$ROOT/usr/bin/wigwag" ws://127.0.0.1:8710/v1/ws "$alice" "$bob" "$key" \
    --ringing "echo yes >'$rings'; read -r <'$upgraded'" &
  call=$!
  # Open for writing as well, so that a call that never rings is waited for no longer than this.
  read -r -t 120 <>"$rings" || fail "nobody could be called"
  upgrade
  echo yes >"$upgraded"
  wait "$call" || fail "the call over an upgrade went wrong: $(cat "$ROOT/tmp/server.log")"
}

look_at_data() {
  same "its data" "$(modes /var/lib/wigwag /var/lib/wigwag/wigwag.db /var/lib/wigwag/app.key)" "/var/lib/wigwag wigwag:wigwag 700
/var/lib/wigwag/wigwag.db wigwag:wigwag 600
/var/lib/wigwag/app.key wigwag:wigwag 600"
}

# What has its name, but for apt's and dpkg's own notes.
left() {
  (cd "$ROOT" && find . -xdev \( -path ./tmp -o -path ./var/lib/wigwag/\* -o -path ./var/log \) -prune -o -name '*wigwag*' -print | LC_ALL=C sort | xargs)
}

remove() {
  inside find /var/lib/wigwag -type f -exec sha256sum {} + >"$ROOT/tmp/stored"
  packages remove wigwag
  inside sha256sum --check --quiet /tmp/configured || fail "removing it changes what was configured"
  [ ! -e "$ROOT/usr/bin/wigwag" ] && [ ! -e "$ROOT$UNIT" ] || fail "its program and unit stay when it is removed"
  packages purge wigwag
  same "what stays after a purge" "$(left)" "./var/lib/wigwag"
  inside sha256sum --check --quiet /tmp/stored || fail "removing it changes what was stored"
}

# From here on nothing is fetched, so that the server has the port of its configuration to itself.
without_network() {
  ip link set lo up
  look_at_installed
  look_at_unit
  configure
  start
  call_over_upgrade
  look_at_data
  stop
  remove
}

in_namespaces() {
  mkdir -p "$ROOT"
  scripts/debian_root.sh "$ROOT" || unchecked "No Debian can be made here"
  cp "$folder"/wigwag_*.deb "$ROOT/tmp/old.deb"
  make_newer
  packages update
  packages install /tmp/old.deb
  unshare --net -- "$0" "$folder" without_network
  echo "the Debian package installs, upgrades under a call, and is gone when it is purged"
}

if [ "${2:-}" = without_network ]; then
  without_network
elif [ "${2:-}" = in_namespaces ]; then
  in_namespaces
else
  compgen -G "$folder/wigwag_*.deb" >/dev/null || unchecked "There is no Debian package"
  command -v debootstrap >/dev/null && command -v ip >/dev/null || unchecked "debootstrap or ip is missing"
  unshare --mount true 2>/dev/null || unchecked "This needs root"
  exec unshare --mount --pid --fork --kill-child --mount-proc -- "$0" "$folder" in_namespaces
fi
