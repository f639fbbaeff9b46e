#!/usr/bin/env bash
# Measures how Orion's tables grow: bytes for each session and message, and the cost of a list, a create and an append, with 10 thousand to
# 10 million sessions of one and of 1,000 users, then with the largest tables partitioned by scripts/partitions.sql. Prints Markdown tables.
# Uses a private PostgreSQL server. Needs the .NET SDK and PostgreSQL's server programs; installs the latter if it runs as root.
#
#   benchmarks/scale/run.sh             # up to 10,000,000 sessions: about 45 GB of disk space, an hour on an idle machine with 2 cores
#   benchmarks/scale/run.sh 1000000     # up to this number: 5 GB, 5 minutes
#
# ORION_SCALE_FOLDER names the folder of the database; the default is a temporary one.
#
# The data is in benchmarks/scale/data.sql, the statements are in benchmarks/scale/measure.sql. Times are those of the server (EXPLAIN
# ANALYZE), without the network and Orion. Each is the median of 200 executions, each for another random user and session.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
largest=${1:-10000000}

# shellcheck source=scripts/programs.sh
source scripts/programs.sh
postgres_programs >/dev/null || install_packages postgresql
bin=$(postgres_programs)

folder=$(mktemp -d "${ORION_SCALE_FOLDER:-/tmp}/orion-scale.XXXXXX")
chmod 755 "$folder"
stop() {
  stop_postgres "$bin" "$folder/postgres"
  rm -rf "$folder"
}
trap stop EXIT

port=$((20000 + RANDOM % 20000))
start_postgres "$bin" "$folder/postgres" "$port" fsync=off autovacuum=off shared_buffers=1GB max_wal_size=8GB checkpoint_timeout=1h maintenance_work_mem=512MB
sql() { local database=$1; shift; "$bin/psql" -q -X -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U orion -d "$database" "$@"; }

dotnet publish src/Orion.Cli --configuration Release --output "$folder/cli" --nologo -v quiet
# database NAME USERS: creates a migrated database without sessions
database() {
  sql postgres -c "CREATE DATABASE $1"
  env ASPNETCORE_ENVIRONMENT=Production ORION_ENV_FILE=none DATABASE_URL="postgresql://orion@127.0.0.1:$port/$1" \
    ORION_SHARED_JWT_SECRET="$(od -An -N64 -tx1 /dev/urandom | tr -d ' \n')" JWT_ISSUER=https://chat.example.com \
    ALLOWED_ORIGINS=https://chat.example.com AUTHORIZED_USER_EMAIL=owner@example.com dotnet "$folder/cli/orion.dll" migrate >/dev/null
  sql "$1" -v users="$2" -f benchmarks/scale/data.sql
  sql "$1" -f benchmarks/scale/measure.sql
}
# fill NAME FROM TO: adds sessions in the order of time
fill() {
  sql "$1" -c "SET session_replication_role = replica" -c "SELECT fill($2 + 1, $3)" >/dev/null
  sql "$1" -c "VACUUM ANALYZE" -c CHECKPOINT
}
# costs NAME LABEL: prints the rows of a database
costs() { sql "$1" -F ' | ' -c "SELECT '| $2', * FROM costs(200)" | sed 's/$/ |/'; }

echo "Measured on $(nproc) cores, $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1), $(($(sed -n 's/^MemTotal: *\([0-9]*\).*/\1/p' /proc/meminfo) / 1024 / 1024)) GiB, PostgreSQL $("$bin/postgres" --version | awk '{print $3}')."
: >"$folder/sizes"
echo
echo '| sessions | users | work | server, median, ms | p99, ms | pages | WAL, bytes | least WAL, bytes |'
echo '|---|---|---|---|---|---|---|---|'
for users in 1 1000; do
  database "orion_$users" "$users"
  before=0
  for sessions in 10000 100000 1000000 10000000; do
    ((sessions <= largest && (users > 1 || sessions <= 1000000))) || continue
    fill "orion_$users" "$before" "$sessions"
    before=$sessions
    costs "orion_$users" "$sessions | $users"
    sql "orion_$users" -F ' | ' -c "SELECT '| $sessions | $users', * FROM sizes()" | sed 's/$/ |/' >>"$folder/sizes"
  done
done

seconds=$SECONDS
sql orion_1000 -c "SET orion.partitions = 16" -f scripts/partitions.sql
took=$((SECONDS - seconds))
sql orion_1000 -c "VACUUM ANALYZE" -c CHECKPOINT
costs orion_1000 "$before, 16 parts | 1000"
sql orion_1000 -F ' | ' -c "SELECT '| $before, 16 parts | 1000', * FROM sizes()" | sed 's/$/ |/' >>"$folder/sizes"

echo
echo '| sessions | users | table | rows | table and TOAST, bytes a row | indexes, bytes a row | total, MiB |'
echo '|---|---|---|---|---|---|---|'
cat "$folder/sizes"
echo
echo "scripts/partitions.sql took $took s for $before sessions."
