#!/bin/bash
# As the entry point of docker.io/library/postgres: makes the database in an empty PGDATA, with POSTGRES_USER, POSTGRES_PASSWORD and a database
# of that user's name; then PostgreSQL, for others in the network with a password.
set -euo pipefail
if [ "$(id -u)" = 0 ]; then
  install -d -o postgres -g postgres -m 0700 "$PGDATA" /var/run/postgresql
  exec setpriv --reuid postgres --regid postgres --init-groups "$0"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --username="$POSTGRES_USER" --pwfile=<(echo "${POSTGRES_PASSWORD:?}") --auth-local=trust --auth-host=scram-sha-256 >/dev/null
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  echo "CREATE DATABASE \"$POSTGRES_USER\"" | postgres --single -j postgres >/dev/null
fi
exec postgres -c 'listen_addresses=*'
