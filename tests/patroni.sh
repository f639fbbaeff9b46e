#!/usr/bin/env bash
# Tests Orion on a cluster of two PostgreSQL servers that Patroni manages, with synchronous replication, under load: a switchover, and the
# primary and its Patroni killed. Prints the times. Needs Node and a build of src/Orion.Api; installs Debian's packages if it runs as root.
# Everything listens on 127.0.0.1, in a temporary folder; no server runs as root. Takes about 90 s. The last line is
# "N passed, N failed, N skipped".
# Single quotes contain JavaScript.
# shellcheck disable=SC2016
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/tap.sh
source "$root/tests/tap.sh"
# shellcheck source=scripts/programs.sh
source "$root/scripts/programs.sh"
# Another user must be able to enter the folder. Root's own temporary folder may be inaccessible to it.
folder=$(TMPDIR=$([[ $(id -u) -eq 0 ]] && echo /tmp || echo "${TMPDIR:-/tmp}") mktemp -d -t orion-patroni.XXXXXX)

end() {
  local name
  # shellcheck disable=SC2046
  kill -9 $(jobs -p) 2>/dev/null
  wait 2>/dev/null
  for name in one two; do kill_server "$name" 2>/dev/null; done
  rm -rf "$folder"
  echo "$passed passed, $failed failed, 0 skipped"
}
trap end EXIT
trap 'exit 1' INT TERM HUP

# kill_server NAME: kills a PostgreSQL server, first the process that would start others.
kill_server() {
  local postmaster stat parent
  postmaster=$(head -n 1 "$folder/$1/postmaster.pid") && grep -q "$folder/$1" "/proc/$postmaster/cmdline" || return 1
  kill -9 "$postmaster"
  for stat in /proc/[0-9]*/stat; do
    parent=$(sed 's/.*) . \([0-9]*\) .*/\1/' "$stat" 2>/dev/null)
    [[ $parent != "$postmaster" ]] || kill -9 "$(basename "$(dirname "$stat")")" 2>/dev/null
  done
}

missing=()
postgres_programs >/dev/null || missing+=(postgresql)
command -v etcd >/dev/null || missing+=(etcd-server)
command -v patroni >/dev/null || missing+=(patroni python3-etcd)
command -v curl >/dev/null || missing+=(curl)
[[ ${#missing[@]} -eq 0 ]] || install_packages "${missing[@]}"
bin=$(postgres_programs)
for program in etcd patroni curl node "${bin:-/usr/lib/postgresql}/postgres"; do
  if ! command -v "$program" >/dev/null; then
    echo "The test needs $program: apt-get install postgresql patroni python3-etcd etcd-server curl nodejs" >&2
    check "the programs are installed" false
    exit 1
  fi
done

as_postgres=()
if [[ $(id -u) -eq 0 ]]; then
  chown postgres "$folder"
  as_postgres=(setpriv --reuid postgres --regid postgres --clear-groups --)
fi

read -r -a ports < <(node -e '
  const servers = Array.from({ length: 7 }, () => require("net").createServer().listen(0, "127.0.0.1"));
  setTimeout(() => { console.log(...servers.map(server => server.address().port)); for (const server of servers) server.close(); }, 200);')
service=http://127.0.0.1:${ports[0]} etcd=127.0.0.1:${ports[1]}
declare -A postgres=([one]=${ports[3]} [two]=${ports[4]}) rest=([one]=${ports[5]} [two]=${ports[6]}) patroni=()
secret=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')

# The settings are the ones in docs/operations.md.
write_config() {
  cat >"$folder/$1.yml" <<YML
scope: orion
name: $1
restapi: { listen: 127.0.0.1:${rest[$1]}, connect_address: 127.0.0.1:${rest[$1]} }
etcd3: { host: $etcd }
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 2
    retry_timeout: 5
    maximum_lag_on_failover: 1048576
    synchronous_mode: true
    postgresql: { use_pg_rewind: true, parameters: { max_connections: 100 } }
  initdb: [ encoding: UTF8, locale: C, auth-host: scram-sha-256 ]
postgresql:
  listen: 127.0.0.1:${postgres[$1]}
  connect_address: 127.0.0.1:${postgres[$1]}
  data_dir: $folder/$1
  bin_dir: $bin
  pgpass: $folder/$1.pgpass
  parameters: { unix_socket_directories: $folder }
  authentication:
    superuser: { username: postgres, password: $secret }
    replication: { username: replicator, password: $secret }
    rewind: { username: rewinder, password: $secret }
  pg_hba: [ "host all all 127.0.0.1/32 scram-sha-256", "host replication all 127.0.0.1/32 scram-sha-256" ]
YML
}

start_patroni() {
  (cd / && exec env -u PGHOST -u PGPORT LC_ALL=C.UTF-8 "${as_postgres[@]}" patroni "$folder/$1.yml") >>"$folder/$1.log" 2>&1 &
  patroni[$1]=$!
}
is_primary() { curl -sf -o /dev/null "http://127.0.0.1:${rest[$1]}/primary"; }
is_synchronous_standby() { curl -sf -o /dev/null "http://127.0.0.1:${rest[$1]}/synchronous"; }
sql() { PGPASSWORD=$secret "$bin/psql" -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "${postgres[one]}" -U postgres -d "$1" -c "$2"; }

# --- start -------------------------------------------------------------------------------------------------------------------------

(umask 077 && write_config one && write_config two)
[[ $(id -u) -ne 0 ]] || chown postgres "$folder"/*.yml
(cd / && exec "${as_postgres[@]}" etcd --data-dir "$folder/etcd" --listen-client-urls "http://$etcd" --advertise-client-urls "http://$etcd" \
  --listen-peer-urls "http://127.0.0.1:${ports[2]}" --initial-advertise-peer-urls "http://127.0.0.1:${ports[2]}" \
  --initial-cluster "default=http://127.0.0.1:${ports[2]}") >"$folder/etcd.log" 2>&1 &
start_patroni one
check "Patroni starts the primary" until_true 60 is_primary one || tail -n 20 "$folder"/*.log
start_patroni two
check "Patroni starts a synchronous standby" until_true 60 is_synchronous_standby two
create_database() { sql postgres "CREATE ROLE orion LOGIN PASSWORD '$secret'" && sql postgres 'CREATE DATABASE orion_core OWNER orion'; }
check "the database is created" create_database

mkdir -m 700 "$folder/orion"
(
  cd "$folder/orion" && exec env ASPNETCORE_ENVIRONMENT=Production ASPNETCORE_URLS="$service" ORION_ENV_FILE=none ORION_DATA_DIR="$folder/orion" \
    ORION_SHARED_JWT_SECRET="$secret" JWT_ISSUER=https://chat.example.com AUTHORIZED_USER_EMAIL=owner@example.com \
    ALLOWED_ORIGINS=https://chat.example.com REQUIRE_HTTPS=false RATE_LIMIT_MAX_REQUESTS=10000000 \
    DATABASE_URL="postgresql://orion:$secret@127.0.0.1:${postgres[one]},127.0.0.1:${postgres[two]}/orion_core" \
    dotnet "$root/src/Orion.Api/bin/Debug/net10.0/Orion.Api.dll"
) >"$folder/orion.log" 2>&1 &
orion=$!
check "Orion starts" until_true 60 curl -sf "$service/health/ready"

# --- the losses --------------------------------------------------------------------------------------------------------------------

# lose KIND OTHER COMMAND…: runs the command under load, which makes the other server the primary.
lose() {
  local kind=$1 other=$2 load
  shift 2
  ORION_SHARED_JWT_SECRET=$secret JWT_ISSUER=https://chat.example.com USER_EMAIL=owner@example.com \
    node "$root/tests/patroni/load.mjs" "$service" "http://127.0.0.1:${rest[$other]}/primary" "$folder/$kind.json" >"$folder/load.log" 2>&1 &
  load=$!
  sleep 3
  kill -USR1 "$load"
  "$@" >"$folder/$kind.log" 2>&1 || { cat "$folder/$kind.log"; kill "$load"; return 1; }
  wait "$load" || { cat "$folder/load.log"; return 1; }
}
says() { node -e 'const result = JSON.parse(require("fs").readFileSync(process.argv[1])); if (!eval(process.argv[2])) throw new Error(JSON.stringify(result, null, 1))' "$folder/$1.json" "$2"; }
results() {
  check "$1: the other server becomes the primary, and Orion writes again" test -s "$folder/$1.json"
  check "$1: nothing acknowledged is lost" says "$1" 'result.acknowledged > 0 && result.lost === 0'
  check "$1: no request fails with anything but 503 with Retry-After" says "$1" 'Object.keys(result.failures).every(failure => failure === "503")'
  check "$1: writes go on within 15 s of the promotion" says "$1" 'result.secondsFromPromotion <= 15'
  node -p 'const { secondsFromLoss, secondsToPromotion, secondsFromPromotion, requests, failures, longestSeconds, acknowledged } = JSON.parse(require("fs").readFileSync(process.argv[1]));
    `# ${process.argv[2]}: promoted after ${secondsToPromotion} s, writes go on ${secondsFromPromotion} s later (${secondsFromLoss} s after the loss); `
    + `${requests} requests, ${acknowledged} writes acknowledged, failed: ${JSON.stringify(failures)}, the longest request took ${longestSeconds} s`' "$folder/$1.json" "$1"
}

switch_over() { cd / && LC_ALL=C.UTF-8 "${as_postgres[@]}" patronictl -c "$folder/one.yml" switchover --master one --candidate two --force orion; }
kill_primary() { kill -9 "${patroni[two]}" && kill_server two; }

lose switchover two switch_over
results switchover
check "the old primary becomes the synchronous standby" until_true 90 is_synchronous_standby one
lose kill one kill_primary
results kill
start_patroni two
check "the killed server becomes the synchronous standby" until_true 90 is_synchronous_standby two
check "Orion was not restarted" kill -0 "$orion"

[[ $failed -eq 0 ]] || { tail -n 20 "$folder"/{one,two,etcd}.log; grep -v '"LogLevel":"Information"' "$folder/orion.log" | tail -n 20; }
[[ $failed -eq 0 && $passed -gt 0 ]]
