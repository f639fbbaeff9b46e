#!/usr/bin/env bash
# Runs all tests, from any folder, and finds or installs the PostgreSQL, Node, Chromium and Prometheus that they need. The last line is
# "N passed, N failed, N skipped" over all of them; the exit code is not 0 when one failed or none ran.
# Arguments go to dotnet test; with arguments the tests of the client and the page (tests/web) and of the monitoring are left out.
#
# The tests look for PostgreSQL in this order (tests/Orion.IntegrationTests/Fixtures/PostgresServers.cs):
#   ORION_TEST_POSTGRES         a superuser's connection string (Npgsql's form or a postgresql:// address)
#   Docker                      with the image ORION_TEST_POSTGRES_IMAGE, else the official one
#   initdb, pg_ctl, postgres    on this machine: a private cluster in a temporary folder, never run as root
# Where there is none of these, this script installs Debian's package if it may, and else says what to install.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

docker_socket() {
  local host=${DOCKER_HOST:-unix:///var/run/docker.sock}
  [[ $host != unix://* || -S ${host#unix://} ]]
}

have_programs() {
  local folder
  for folder in ${PATH//:/ } /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
    [[ -x $folder/initdb && -x $folder/pg_ctl && -x $folder/postgres ]] && return 0
  done
  return 1
}

# Its programs are wanted beside a server elsewhere, too: for those that a test stops, and for pg_dump.
if ! have_programs; then
  if [[ $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
    echo "No PostgreSQL here: installing Debian's."
    export DEBIAN_FRONTEND=noninteractive
    # Its own cluster is not wanted: the tests make theirs.
    mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/orion-tests.conf
    apt-get update -q >/dev/null
    apt-get install -y -q --no-install-recommends postgresql >/dev/null
  elif [[ -z ${ORION_TEST_POSTGRES:-} ]] && ! docker_socket; then
    echo "There is no PostgreSQL for the tests. Set ORION_TEST_POSTGRES, or start Docker, or install the server: apt-get install postgresql" >&2
    echo "0 passed, 0 failed, 0 skipped"
    exit 1
  fi
fi

if [[ $# -eq 0 ]] && ! bash tests/web/prepare.sh; then
  echo "0 passed, 0 failed, 0 skipped"
  exit 1
fi

# The tests behind a pooler want PgBouncer, whose own service is not to start.
if ! command -v pgbouncer >/dev/null && [[ ! -x /usr/sbin/pgbouncer && $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
  echo "No PgBouncer here: installing Debian's."
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -q --no-install-recommends pgbouncer >/dev/null
fi

passed=0 failed=0 skipped=0 broken=0
# Of what dotnet test prints.
count() { sed -n "s/^ *$1: *\([0-9]\{1,\}\)$/\1/p" "$2" | tail -n 1; }
# Of TAP: node prints its sums once for each run.
count_tap() { awk -v names=" $1 " '$1 == "#" && NF == 3 && index(names, " " $2 " ") { sum += $3 } END { print sum + 0 }' "$2"; }

if ! dotnet build Orion.sln --nologo -v quiet -clp:NoSummary; then
  echo "0 passed, 0 failed, 0 skipped"
  exit 1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
for project in tests/*/*.csproj; do
  name=$(basename "$project" .csproj)
  echo "== $name"
  dotnet test --project "$project" --no-build --no-ansi --no-progress "$@" 2>&1 | tee "$log" || broken=1
  ran=$(count succeeded "$log")
  if [[ -z $ran ]]; then
    echo "$name did not run." >&2
    broken=1
    continue
  fi
  passed=$((passed + ran)) failed=$((failed + $(count failed "$log"))) skipped=$((skipped + $(count skipped "$log")))
done

# These print TAP.
if [[ $# -eq 0 ]]; then
  for script in tests/web/run.sh tests/monitoring.sh tests/deploy/check.sh; do
    echo "== $script"
    bash "$script" 2>&1 | tee "$log" || broken=1
    [[ $(count_tap pass "$log") -gt 0 ]] || broken=1
    passed=$((passed + $(count_tap pass "$log"))) failed=$((failed + $(count_tap "fail cancelled" "$log")))
    skipped=$((skipped + $(count_tap "skipped todo" "$log")))
  done
fi

[[ $((passed + failed)) -gt 0 && $failed -eq 0 && $broken -eq 0 ]] && status=0 || status=1
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
