#!/bin/sh
# postgres.sh COMMAND...: runs a command while a PostgreSQL of its own listens on
# loopback, and names it in ASSAY_TEST_POSTGRES. Without PostgreSQL's programs
# the command runs alone, and its tests say so. If the variable is set already,
# that database is used.
set -eu
if [ -n "${ASSAY_TEST_POSTGRES:-}" ]; then exec "$@"; fi
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
if [ -z "$bin" ] && command -v initdb >/dev/null; then bin=$(dirname "$(command -v initdb)"); fi
if [ -z "$bin" ]; then
  echo "postgres.sh: PostgreSQL is not installed: the tests against it are skipped" >&2
  exec "$@"
fi
dir=$(mktemp -d)
# The server refuses to run as root.
as=
if [ "$(id -u)" = 0 ]; then as="setpriv --reuid=postgres --regid=postgres --clear-groups --"; chown postgres "$dir"; fi
trap '$as "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
cd "$dir"
$as "$bin/initdb" -D "$dir/data" -A trust -U assay --no-sync >/dev/null
# A throw-away database need not survive a power cut; partitions take many locks.
cat >>"$dir/data/postgresql.conf" <<END
listen_addresses = '127.0.0.1'
unix_socket_directories = '$dir'
fsync = off
full_page_writes = off
max_connections = 200
max_locks_per_transaction = 1024
shared_buffers = 256MB
END
tries=0
while :; do
  port=$((20000 + ($$ + tries * 997) % 40000))
  if $as "$bin/pg_ctl" -D "$dir/data" -o "-p $port" -l "$dir/log" -w start >/dev/null 2>&1; then break; fi
  tries=$((tries + 1))
  if [ $tries -gt 5 ]; then
    echo "postgres.sh: PostgreSQL did not start:" >&2
    cat "$dir/log" >&2
    exit 1
  fi
done
cd "$OLDPWD"
status=0
ASSAY_TEST_POSTGRES="postgres://assay@127.0.0.1:$port/postgres?sslmode=disable" "$@" || status=$?
exit $status
