#!/bin/sh
# with_postgres.sh COMMAND...: runs the command beside a PostgreSQL server of its own, whose files are
# in TMPDIR and which ends with it. STORE_BENCH_POSTGRES is then the URL of a database on it.
set -eu
programs=$(find /usr/lib/postgresql -path '*/bin/initdb' | sort -V | tail -n 1)
programs=${programs%/initdb}
folder=$(mktemp -d)
as=
if [ "$(id -u)" = 0 ]; then
  chown postgres "$folder"
  as='runuser -u postgres --'
fi
ends() {
  # A server that never started, or has ended, is no reason to leave its folder behind.
  # shellcheck disable=SC2086 # two words or none
  (cd / && $as "$programs/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null) || true
  rm -rf "$folder"
}
trap ends EXIT INT TERM
# shellcheck disable=SC2086
(
  cd /
  $as "$programs/initdb" -D "$folder/data" -A trust -U signinwatch -E UTF8 --locale=C.UTF-8 >/dev/null
  $as "$programs/pg_ctl" -D "$folder/data" -l "$folder/log" -w \
    -o "-c listen_addresses= -c unix_socket_directories=$folder -c shared_buffers=512MB -c max_wal_size=4GB" \
    start >/dev/null
)
STORE_BENCH_POSTGRES="postgresql://signinwatch@/postgres?host=$folder"
export STORE_BENCH_POSTGRES
"$@"
